import { textCodec } from '../../../hosting/text-codec.js';
import { parse } from './parse.js';
import { compileProgram } from './program.js';
import { INT, STRING, listOf } from './types.js';
import { CelError, CostExceeded } from './values/cel-error.js';
import { fromJson } from './values/json-value.js';

const TIME_MAX_MS = 20_000;
const LIST = Array.from({ length: 50_000 }, (_none, index) => index);
const TEXT = 'a'.repeat(1_000_000);
const VARIABLES = new Map([
  ['l', listOf(INT)],
  ['s', STRING],
  ['spaces', STRING],
]);

function outcomeOf(text: string): string {
  const { program, fault } = compileProgram(text, VARIABLES, textCodec);
  if (program === undefined) return fault;
  try {
    const values: Readonly<Record<string, unknown>> = { l: LIST, s: TEXT, spaces: `a${' '.repeat(1_000_000)}a` };
    const { value } = program.run((name) => fromJson(values[name], VARIABLES.get(name)));
    return String(value);
  } catch (error) {
    if (error instanceof CelError || error instanceof CostExceeded) return error.message;
    throw error;
  }
}

const LIMIT = 'operation cancelled: actual cost limit exceeded';

describe('an expression that means harm', () => {
  it.each([
    ['loops in loops', 'l.all(a, l.all(b, l.all(c, a + b + c >= 0)))', LIMIT],
    ['texts that double', `l.map(i, s + s + s + s).size() > 0`, LIMIT],
    ['a text as long as its square', `s.replace('', s).size() > 0`, LIMIT],
    ['a text as long as its fourth power', `s.replace('a', s).replace('a', s).size() > 0`, LIMIT],
    ['a list of one text over and over', `l.map(i, s).join(s).size() > 0`, LIMIT],
    ['lists in a list, made one', 'l.map(i, l).flatten().size() > 0', LIMIT],
    ['lists in lists that are compared', 'l.map(i, l) == l.map(i, l)', LIMIT],
    ['all items compared with all', 'l.distinct().size() > 0', LIMIT],
    ['sets compared', 'sets.equivalent(l, l)', LIMIT],
    ['characters of a long text', 'l.all(i, s.charAt(i) == "a")', LIMIT],
    ['lengths of a long text', 'l.all(i, s.size() > i)', LIMIT],
    ['a range without end', 'lists.range(1000000000000).size() > 0', 'lists.range() length 1000000000000 exceeds'],
    ['a pattern that backtracks', `(s + 'b').matches('^(a+)+$')`, 'false'],
    ['white space that does not end', 'spaces.trim().size() > 0', 'true'],
  ])('ends: %s', (_what, text, outcome) => {
    const begun = performance.now();
    expect(outcomeOf(text)).toContain(outcome);
    expect(performance.now() - begun).toBeLessThan(TIME_MAX_MS);
  });

  it.each([
    ['brackets', '('.repeat(50_000), 'expression recursion limit exceeded: 250'],
    ['lists', '['.repeat(50_000), 'expression recursion limit exceeded: 250'],
    ['maps', `{'a':`.repeat(15_000), 'expression recursion limit exceeded: 250'],
    ['signs', `${'!'.repeat(99_000)}true`, 'max recursion depth exceeded'],
    ['signs with spaces', `${'- '.repeat(49_000)}1`, 'max recursion depth exceeded'],
    ['sums', `1${'+1'.repeat(40_000)}`, 'max recursion depth exceeded'],
    ['fields', `x${'.a'.repeat(40_000)}`, 'expression recursion limit exceeded: 250'],
    ['choices', `${'true?'.repeat(10_000)}1${':1'.repeat(10_000)}`, 'expression recursion limit exceeded: 250'],
    ['strings that do not end', `[?${`"\\`.repeat(40_000)}`, 'Syntax error'],
    ['texts that are too long', '1'.repeat(100_001), 'expression code point size exceeds limit'],
  ])('is refused: %s', (_what, text, message) => {
    const begun = performance.now();
    const { issues } = parse(text);
    expect(issues?.[0]?.message).toContain(message);
    expect(performance.now() - begun).toBeLessThan(TIME_MAX_MS);
  });

  it('may be a long row of alternatives', () => {
    const begun = performance.now();
    expect(outcomeOf(`${'s == "b" || '.repeat(8_000)}true`)).toBe('true');
    expect(performance.now() - begun).toBeLessThan(TIME_MAX_MS);
  });
});
