/** `/debug/api_priority_and_fairness/…`: who is where, as aligned text. Levels come by name. */
import { apiVersionOf } from '../../machinery/object.js';
import type { Query } from '../query.js';
import { LEVELS_DUMP, QUEUES_DUMP } from './flow-dump-paths.js';
import type { PriorityLevel } from './priority-level.js';
import type { Place } from './queue.js';
import { Turn } from './turn.js';

type Row = readonly (string | number | boolean)[];

const CELL_WIDTH_MIN = 8;
const PADDING = 1;
const WORK_DIGITS = 8;
/** How Go prints a time that was never set. */
const ZERO_TIME = '0001-01-01T00:00:00Z';

export function flowDump(path: string, levels: ReadonlyMap<string, PriorityLevel>, query: Query): string {
  const sorted = [...levels.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  switch (path) {
    case LEVELS_DUMP:
      return aligned([LEVEL_COLUMNS, ...sorted.map(levelRow)]);
    case QUEUES_DUMP:
      return aligned([QUEUE_COLUMNS, ...sorted.flatMap(queueRows)]);
    default: {
      const isDetailed = (query.get('includeRequestDetails') ?? '') !== '';
      const columns = isDetailed ? [...REQUEST_COLUMNS, ...DETAIL_COLUMNS] : REQUEST_COLUMNS;
      return aligned([columns, ...sorted.flatMap((level) => requestRows(level, isDetailed))]);
    }
  }
}

const LEVEL_COLUMNS: Row = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
];

/** Upstream counts who has waited for too long among the cancelled, too. */
function levelRow({ name, queues, isQuiescing }: PriorityLevel): Row {
  const { dispatched, rejected, cancelled } = queues.figures;
  const active = [...queues.queues.values()].filter(({ waiting }) => waiting.length > 0).length;
  const { isIdle, waiting, executing } = queues;
  return [name, active, isIdle, isQuiescing, waiting, executing, dispatched, rejected, 0, cancelled];
}

const QUEUE_COLUMNS: Row = [
  'PriorityLevelName',
  'Index',
  'PendingRequests',
  'ExecutingRequests',
  'SeatsInUse',
  'NextDispatchR',
  'InitialSeatsSum',
  'MaxSeatsSum',
  'TotalWorkSum',
];

function queueRows({ name, queuing, queues: { queues } }: PriorityLevel): readonly Row[] {
  const count = Math.max(queuing?.queues ?? 0, ...[...queues.keys()].map((index) => index + 1));
  return Array.from({ length: count }, (_, index) => {
    const queue = queues.get(index);
    if (queue === undefined) return [name, index, 0, 0, 0, workText(0), 0, 0, workText(0)];
    const { waiting, executing, seatsInUse, nextStart, seatsWaiting, workWaiting } = queue;
    const initial = waiting.reduce((sum, { work }) => sum + work.initialSeats, 0);
    const counted = [waiting.length, executing.size, seatsInUse];
    return [name, index, ...counted, workText(nextStart), initial, seatsWaiting, workText(workWaiting)];
  });
}

const REQUEST_COLUMNS: Row = [
  'PriorityLevelName',
  'FlowSchemaName',
  'QueueIndex',
  'RequestIndexInQueue',
  // Upstream's spelling.
  'FlowDistingsher',
  'ArriveTime',
  'InitialSeats',
  'FinalSeats',
  'AdditionalLatency',
  'StartTime',
];
const DETAIL_COLUMNS: Row = [
  'UserName',
  'Verb',
  'APIPath',
  'Namespace',
  'Name',
  'APIVersion',
  'Resource',
  'SubResource',
];

function requestRows({ name, queues }: PriorityLevel, isDetailed: boolean): readonly Row[] {
  const rows: Row[] = [];
  const add = (queueIndex: number, index: number, place: Place): void => {
    if (place instanceof Turn) rows.push([name, ...requestCells(queueIndex, index, place, isDetailed)]);
  };
  const sorted = [...queues.queues.values()].sort((a, b) => a.index - b.index);
  for (const queue of sorted) {
    queue.waiting.forEach((place, index) => add(queue.index, index, place));
    for (const place of queue.executing) add(queue.index, -1, place);
  }
  for (const place of queues.queueless) add(-1, -1, place);
  return rows;
}

function requestCells(queueIndex: number, index: number, turn: Turn, isDetailed: boolean): Row {
  const { flow, work, arrivedAt, startedAt, asked } = turn;
  const { initialSeats, finalSeats, additionalLatency } = work;
  const where = [flow.schemaName, queueIndex, index, flow.distinguisher];
  const seats = [initialSeats, finalSeats, additionalLatency === 0 ? '0s' : `${additionalLatency}ms`];
  const cells = [...where, timeText(arrivedAt), ...seats, startedAt === undefined ? ZERO_TIME : timeText(startedAt)];
  if (!isDetailed) return cells;
  const { user, verb, path, namespace, name, resource, subresource } = asked;
  return [...cells, user.username, verb, path, namespace, name, apiVersionOf(asked), resource, subresource];
}

const timeText = (at: number): string => new Date(at).toISOString().replace(/\.?0*Z$/, 'Z');

/** Seat-milliseconds as upstream prints seat-seconds. */
const workText = (work: number): string => `${(work / 1_000).toFixed(WORK_DIGITS)}ss`;

/** As Go's tabwriter does it here: every cell but a row's last is as wide as the widest of its column. */
function aligned(rows: readonly Row[]): string {
  const texts = rows.map((row) => row.map((cell, at) => (at < row.length - 1 ? `${cell},` : String(cell))));
  const widths = (texts[0] ?? []).map((_, at) =>
    Math.max(CELL_WIDTH_MIN, ...texts.map((row) => (row[at] ?? '').length + PADDING)),
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at < row.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell)).join('');
  return texts.map((row) => `${line(row)}\n`).join('');
}
