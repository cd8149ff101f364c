import type { Comprehension, Expression } from './expression.js';
import { bound, isKey, outcome, type Frame, type Step } from './frame.js';
import { LIST_COST } from './cost.js';
import { CelError } from './values/cel-error.js';
import { ArrayList, ListValue } from './values/list-value.js';
import { EntryMap, MapValue } from './values/map-value.js';
import type { Value } from './values/value.js';

/** What one turn costs besides its parts: cel-go expands macros, and these are the steps of the expansion. */
const TURN_COST = { all: 3, exists: 4, filter: LIST_COST + 3, map: LIST_COST + 2, entry: 2, value: 3 } as const;
/** Of `exists_one`: what a match costs, and the comparison at the end. */
const MATCH_COST = 2;
/** What reading the result costs. */
const RESULT_COST = 1;

/** One turn of a loop: its variables, and what stands for the item itself. */
interface Turn {
  readonly frame: Frame;
  readonly key: Value;
  readonly isLast: boolean;
}

export function compileComprehension(expression: Comprehension, compile: (part: Expression) => Step): Step {
  const range = compile(expression.range);
  const body = compile(expression.body);
  const filter = expression.filter === undefined ? undefined : compile(expression.filter);
  const turns = (frame: Frame): Iterable<Turn> => turnsOver(expression, range(frame), frame);
  switch (expression.macro) {
    case 'all':
      return (frame) => quantified(frame, turns(frame), body, false);
    case 'exists':
      return (frame) => quantified(frame, turns(frame), body, true);
    case 'exists_one':
      return (frame) => isOne(frame, turns(frame), body);
    case 'filter':
      return (frame) =>
        collected(frame, turns(frame), { filter: body, made: ({ key }) => key, cost: TURN_COST.filter });
    case 'map':
    case 'transformList':
      return (frame) =>
        collected(frame, turns(frame), { filter, made: (turn) => body(turn.frame), cost: TURN_COST.map });
    case 'transformMap':
    case 'transformMapEntry': {
      const isEntry = expression.macro === 'transformMapEntry';
      return (frame) => mapped(frame, turns(frame), { filter, body, isEntry });
    }
  }
}

function* turnsOver({ variable, second }: Comprehension, range: Value, frame: Frame): Iterable<Turn> {
  if (range instanceof ListValue) {
    for (let position = 0; position < range.length; position++) {
      const item = range.at(position);
      const isLast = position === range.length - 1;
      if (second === undefined) yield { frame: bound(frame, variable, item), key: item, isLast };
      else {
        const key = BigInt(position);
        yield { frame: bound(bound(frame, variable, key), second, item), key, isLast };
      }
    }
  } else if (range instanceof MapValue) {
    let left = range.size;
    for (const key of range.keys()) {
      left--;
      const outer = bound(frame, variable, key);
      const inner = second === undefined ? outer : bound(outer, second, range.get(key) ?? null);
      yield { frame: inner, key, isLast: left === 0 };
    }
  } else throw new CelError('no such overload');
}

/** Ends with the first item that decides; an error counts only where none does. */
function quantified({ run: { budget } }: Frame, turns: Iterable<Turn>, body: Step, deciding: boolean): boolean {
  let error: CelError | undefined;
  for (const { frame, isLast } of turns) {
    frame.run.budget.spend(deciding ? TURN_COST.exists : TURN_COST.all);
    const answer = outcome(body, frame);
    if (answer === deciding) {
      // One more look tells that it is over.
      if (!isLast) frame.run.budget.spend(deciding ? TURN_COST.exists - 1 : TURN_COST.all - 1);
      budget.spend(RESULT_COST);
      return deciding;
    }
    if (answer instanceof CelError) error ??= answer;
  }
  budget.spend(RESULT_COST);
  if (error !== undefined) throw error;
  return !deciding;
}

function isOne({ run: { budget } }: Frame, turns: Iterable<Turn>, body: Step): boolean {
  let count = 0;
  for (const { frame } of turns) {
    if (!demanded(body, frame)) continue;
    budget.spend(MATCH_COST);
    count++;
  }
  budget.spend(MATCH_COST);
  return count === 1;
}

function demanded(step: Step, frame: Frame): boolean {
  const value = step(frame);
  if (typeof value !== 'boolean') throw new CelError('no such overload');
  return value;
}

interface Collection {
  readonly filter: Step | undefined;
  readonly made: (turn: Turn) => Value;
  /** Of an item that is kept. */
  readonly cost: number;
}

function collected({ run: { budget } }: Frame, turns: Iterable<Turn>, { filter, made, cost }: Collection): ListValue {
  const items: Value[] = [];
  for (const turn of turns) {
    if (filter !== undefined && !demanded(filter, turn.frame)) continue;
    items.push(made(turn));
    budget.spend(cost);
  }
  budget.spend(RESULT_COST);
  return new ArrayList(items);
}

interface Mapping {
  readonly filter: Step | undefined;
  readonly body: Step;
  readonly isEntry: boolean;
}

function mapped({ run: { budget } }: Frame, turns: Iterable<Turn>, { filter, body, isEntry }: Mapping): MapValue {
  const map = new EntryMap();
  for (const { frame, key } of turns) {
    if (filter !== undefined && !demanded(filter, frame)) continue;
    budget.spend(isEntry ? TURN_COST.entry : TURN_COST.value);
    const value = body(frame);
    if (!isEntry) insert(map, key, value);
    else if (value instanceof MapValue) for (const each of value.keys()) insert(map, each, value.get(each) ?? null);
    else throw new CelError('no such overload');
  }
  budget.spend(RESULT_COST);
  return map;
}

function insert(map: EntryMap, key: Value, value: Value): void {
  if (!isKey(key)) throw new CelError('unsupported key type');
  if (!map.add(key, value)) throw new CelError(`insert failed: key ${String(key)} already exists`);
}
