import { instant, microTimestamp, parseTimestamp, seconds, type Instant } from '../../kernel/clock.js';
import { pod as podKind } from '../../kinds/pod.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { forbidden, invalid as invalidField, type FieldError } from '../../machinery/field-error.js';
import { goQuote } from '../../machinery/go-text.js';
import type { StatusError } from '../../machinery/status-error.js';
import { badRequest, invalid, notFound } from '../../machinery/status-error.js';
import type { LogLine, LogReadOptions, LogSource } from '../logs.port.js';
import { checkRoute, negotiateUntabled } from '../negotiation/negotiation.js';
import type { Query } from '../query.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { WireCall, WireReply, WireStream } from '../wire.js';
import { keyOfTarget } from '../writes/handler-support.js';
import { checkNode, containerOf } from './container-choice.js';

interface LogQuery {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly limitBytes: number | undefined;
  readonly read: LogReadOptions;
}

const HEADERS = Object.freeze({ 'cache-control': 'no-cache, private', 'content-type': 'text/plain' });
const NO_CALL: WireCall = Object.freeze({ cancel: () => undefined });

/** GET of a pod's log, from its node's kubelet; a pod without a node has none, which is 204. @throws StatusError */
export function handleLog(parts: ServerParts, context: ResourceRequest, reply: WireReply): WireCall {
  const { target, query } = context;
  checkRoute(context, 'log');
  negotiateUntabled(context);
  const options = logQueryOf(query, target.name ?? '', parts.simulation.now);
  const pod = parts.reader.get(podKind, keyOfTarget(target));
  if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, target.name ?? '');
  const container = containerOf(pod, query.get('container'));
  const { revision } = parts.storage;
  const isPlaced = pod.spec.nodeName !== undefined && pod.spec.nodeName !== '';
  if (isPlaced) checkNode(parts, pod);
  if (!isPlaced || parts.logs === undefined) {
    reply.respond({ status: 204, headers: {}, body: [], revision });
    return NO_CALL;
  }
  return streamLog(parts, parts.logs, { pod, container, options }, reply);
}

interface LogRequest {
  readonly pod: Pod;
  readonly container: string;
  readonly options: LogQuery;
}

function streamLog({ text, storage }: ServerParts, logs: LogSource, request: LogRequest, reply: WireReply): WireCall {
  const { pod, container, options } = request;
  const { namespace = '', name } = pod.metadata;
  const { lines, isOpen } = logs.read(namespace, name, container, options.read);
  const { revision } = storage;
  if (!options.follow || !isOpen || options.read.previous) {
    const body = text.encode(lines.map((line) => printed(line, options)).join(''));
    reply.respond({ status: 200, headers: HEADERS, body: [body.subarray(0, options.limitBytes)], revision });
    return NO_CALL;
  }
  const stream = new LimitedStream(reply.stream({ status: 200, headers: HEADERS }), options.limitBytes);
  for (const line of lines) stream.write(text.encode(printed(line, options)), revision);
  if (stream.isOver) return NO_CALL;
  const following = logs.follow(namespace, name, container, {
    line: (line) => {
      stream.write(text.encode(printed(line, options)), storage.revision);
      if (stream.isOver) following.cancel();
    },
    end: () => stream.end(),
  });
  return following;
}

/** Ends by itself after so many bytes. */
class LimitedStream {
  readonly #stream: WireStream;
  #left: number;
  #isOver = false;

  constructor(stream: WireStream, limit = Infinity) {
    this.#stream = stream;
    this.#left = limit;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  write(chunk: Uint8Array, revision: number): void {
    if (this.#isOver) return;
    this.#stream.write(chunk.length > this.#left ? chunk.subarray(0, this.#left) : chunk, revision);
    this.#left -= chunk.length;
    if (this.#left <= 0) this.end();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stream.end();
  }
}

const printed = ({ at, text }: LogLine, { timestamps }: LogQuery): string =>
  timestamps ? `${microTimestamp(at).replace('000Z', '000000Z')} ${text}\n` : `${text}\n`;

/** @throws StatusError 400, 422 */
function logQueryOf(query: Query, name: string, now: Instant): LogQuery {
  const tailLines = integer(query, 'tailLines');
  const limitBytes = integer(query, 'limitBytes');
  const sinceSeconds = integer(query, 'sinceSeconds');
  const sinceTime = query.get('sinceTime');
  const errors: FieldError[] = [];
  if (tailLines !== undefined && tailLines < 0) {
    errors.push(invalidField('tailLines', tailLines, 'must be greater than or equal to 0'));
  }
  if (limitBytes !== undefined && limitBytes < 1) {
    errors.push(invalidField('limitBytes', limitBytes, 'must be greater than 0'));
  }
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    errors.push(forbidden('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    errors.push(invalidField('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  }
  if (query.has('stream')) errors.push(forbidden('stream', 'may not be specified'));
  const since = sinceOf(sinceSeconds, sinceTime, now);
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, errors);
  return {
    follow: query.flag('follow'),
    timestamps: query.flag('timestamps'),
    limitBytes,
    read: {
      previous: query.flag('previous'),
      ...(since === undefined ? {} : { since }),
      ...(tailLines === undefined ? {} : { tailLines }),
    },
  };
}

function sinceOf(sinceSeconds: number | undefined, sinceTime: string | undefined, now: Instant): Instant | undefined {
  if (sinceTime !== undefined && sinceTime !== '') {
    const since = /^\d{4}-/.test(sinceTime) ? parseTimestamp(sinceTime) : undefined;
    if (since === undefined) throw badTime(sinceTime);
    return since;
  }
  return sinceSeconds === undefined ? undefined : instant(now - seconds(sinceSeconds));
}

const badTime = (text: string): StatusError =>
  badRequest(`parsing time ${goQuote(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${goQuote(text)} as "2006"`);

function integer(query: Query, name: string): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  if (!/^[-+]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`);
  return Number(text);
}
