import { textCodec } from '../../../hosting/text-codec.js';
import { MEASURED_ERRORS, MEASURED_ISSUES } from '../../../../test/support/cel/measured-faults.js';
import { MEASURED_VALUES } from '../../../../test/support/cel/measured-values.js';
import { check } from './checker.js';
import { estimateCost } from './cost-estimate.js';
import { parse } from './parse.js';
import { callContext, Program } from './program.js';
import { DYN, INT, STRING, listOf, mapOf, typeText, type Type } from './types.js';
import { CelError } from './values/cel-error.js';
import { Extension } from './values/extension.js';
import { fromJson } from './values/json-value.js';
import { ListValue } from './values/list-value.js';
import { MapValue } from './values/map-value.js';
import { OptionalValue, TypeValue, Uint, type Value } from './values/value.js';

const VARIABLES: ReadonlyMap<string, readonly [type: Type, json: unknown]> = new Map<string, readonly [Type, unknown]>([
  ['x', [DYN, { a: 1, b: 'two', c: [3, '4'] }]],
  ['s', [STRING, 'héllo wörld']],
  ['n', [INT, 7]],
  ['l', [listOf(INT), [3, 1, 2]]],
  ['ls', [listOf(STRING), ['b', 'a', 'c']]],
  ['m', [mapOf(STRING, INT), { one: 1, two: 2 }]],
]);
const types = new Map(Array.from(VARIABLES, ([name, [type]]) => [name, type] as const));
/** Beyond it numbers are no longer exact. */
const ESTIMATE_MAX = 1e15;

interface Outcome {
  readonly issue?: string | undefined;
  readonly error?: string;
  readonly value?: string;
  readonly cost?: number;
  readonly estimate?: number;
}

function outcomeOf(text: string): Outcome {
  const { expression, issues } = parse(text);
  if (expression === undefined) return { issue: issues[0]?.message };
  const checked = check(expression, types);
  if (checked.issues.length > 0) return { issue: checked.issues[0]?.message };
  const estimate = estimateCost(expression, checked);
  const program = new Program(text, expression, checked, callContext(textCodec));
  try {
    const { value, cost } = program.run((name) => {
      const variable = VARIABLES.get(name);
      return variable && fromJson(variable[1], variable[0]);
    });
    return { value: textOf(value), cost, estimate };
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return { error: error.message };
  }
}

function textOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `int(${value})`;
  if (typeof value === 'number') return `double(${value})`;
  if (typeof value === 'boolean') return `bool(${value})`;
  if (value instanceof Uint) return `uint(${value.value})`;
  if (value instanceof OptionalValue) return value.content === undefined ? 'none' : `some(${textOf(value.content)})`;
  if (value instanceof ListValue) return `[${Array.from(value, textOf).join(',')}]`;
  if (value instanceof TypeValue) return `type(${typeText(value.type)})`;
  if (value instanceof Uint8Array)
    return `b${Array.from(value, (each) => each.toString(16).padStart(2, '0')).join('')}`;
  if (value instanceof MapValue) {
    const entries = Array.from(value.keys(), (key) => `${textOf(key)}:${textOf(value.get(key) ?? null)}`);
    return `{${entries.sort().join(',')}}`;
  }
  return value instanceof Extension ? value.text() : String(value.nanoseconds);
}

const rows = (text: string): readonly (readonly [string, string])[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(' => ') as [string, string]);

describe('what Kubernetes 1.35 makes of an expression', () => {
  it.each(rows(MEASURED_VALUES))('%s', (text, measured) => {
    const [value, cost, estimate] = measured.split(/ \| (?=\d)/);
    const outcome = outcomeOf(text);
    expect([outcome.value, outcome.cost]).toEqual([value, Number(cost)]);
    if (estimate !== undefined) expect(outcome.estimate).toBe(Number(estimate));
    else expect(outcome.estimate).toBeGreaterThan(ESTIMATE_MAX);
  });

  it.each(rows(MEASURED_ISSUES))('%s does not compile', (text, issue) => {
    expect(outcomeOf(text)).toEqual({ issue });
  });

  it.each(rows(MEASURED_ERRORS))('%s fails', (text, error) => {
    expect(outcomeOf(text)).toEqual({ error });
  });
});
