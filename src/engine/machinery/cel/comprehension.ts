import type { Comprehension, Expression } from './expression.js';
import { bound, isKey, outcome, type Frame, type Step } from './frame.js';
import { LIST_COST, MAP_COST } from './cost.js';
import { CelError } from './values/cel-error.js';
import { ArrayList, ListValue } from './values/list-value.js';
import { EntryMap, MapValue } from './values/map-value.js';
import type { Value } from './values/value.js';

/** What one turn costs besides its parts: cel-go expands macros, and these are the steps of the expansion. */
const TURN_COST = { all: 3, exists: 4, exists_one: 2, filter: 1, collected: 2 } as const;

/** One turn of a loop: its variables, and what stands for the item itself. */
interface Turn {
  readonly frame: Frame;
  readonly key: Value;
}

export function compileComprehension(expression: Comprehension, compile: (part: Expression) => Step): Step {
  const range = compile(expression.range);
  const body = compile(expression.body);
  const filter = expression.filter === undefined ? undefined : compile(expression.filter);
  const turns = (frame: Frame): Iterable<Turn> => turnsOver(expression, range(frame), frame);
  switch (expression.macro) {
    case 'all':
      return (frame) => quantified(turns(frame), body, false);
    case 'exists':
      return (frame) => quantified(turns(frame), body, true);
    case 'exists_one':
      return (frame) => isOne(turns(frame), body);
    case 'filter':
      return (frame) => collected(frame, turns(frame), { filter: body, made: ({ key }) => key });
    case 'map':
    case 'transformList':
      return (frame) => collected(frame, turns(frame), { filter, made: (turn) => body(turn.frame) });
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
      if (second === undefined) yield { frame: bound(frame, variable, item), key: item };
      else {
        const key = BigInt(position);
        yield { frame: bound(bound(frame, variable, key), second, item), key };
      }
    }
  } else if (range instanceof MapValue) {
    for (const key of range.keys()) {
      const outer = bound(frame, variable, key);
      yield { frame: second === undefined ? outer : bound(outer, second, range.get(key) ?? null), key };
    }
  } else throw new CelError('no such overload');
}

/** Ends with the first item that decides; an error counts only where none does. */
function quantified(turns: Iterable<Turn>, body: Step, deciding: boolean): boolean {
  let error: CelError | undefined;
  for (const { frame } of turns) {
    frame.run.budget.spend(deciding ? TURN_COST.exists : TURN_COST.all);
    const answer = outcome(body, frame);
    if (answer === deciding) return deciding;
    if (answer instanceof CelError) error ??= answer;
  }
  if (error !== undefined) throw error;
  return !deciding;
}

function isOne(turns: Iterable<Turn>, body: Step): boolean {
  let count = 0;
  for (const { frame } of turns) {
    frame.run.budget.spend(TURN_COST.exists_one);
    if (demanded(body, frame)) count++;
  }
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
}

function collected({ run: { budget } }: Frame, turns: Iterable<Turn>, { filter, made }: Collection): ListValue {
  budget.spend(LIST_COST + 1);
  const items: Value[] = [];
  for (const turn of turns) {
    budget.spend(TURN_COST.filter);
    if (filter !== undefined && !demanded(filter, turn.frame)) continue;
    items.push(made(turn));
    budget.spend(LIST_COST + 1);
  }
  return new ArrayList(items);
}

interface Mapping {
  readonly filter: Step | undefined;
  readonly body: Step;
  readonly isEntry: boolean;
}

function mapped({ run: { budget } }: Frame, turns: Iterable<Turn>, { filter, body, isEntry }: Mapping): MapValue {
  budget.spend(MAP_COST);
  const map = new EntryMap();
  for (const { frame, key } of turns) {
    budget.spend(TURN_COST.collected);
    if (filter !== undefined && !demanded(filter, frame)) continue;
    const value = body(frame);
    if (!isEntry) insert(map, key, value);
    else if (value instanceof MapValue) for (const each of value.keys()) insert(map, each, value.get(each) ?? null);
    else throw new CelError('no such overload');
  }
  return map;
}

function insert(map: EntryMap, key: Value, value: Value): void {
  if (!isKey(key)) throw new CelError('unsupported key type');
  if (!map.add(key, value)) throw new CelError(`insert failed: key ${String(key)} already exists`);
}
