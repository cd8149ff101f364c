/** Mirrors apimachinery's `labels` package: the query syntax of labels, its words for what is wrong, and matching. */
import type { LabelSelector } from './api/meta-v1.js';
import type { FieldError } from './field-error.js';
import { aggregateMessage, invalid } from './field-error.js';
import { goQuote } from './go-text.js';
import { labelValueFaults, qualifiedNameFaults } from './names.js';
import { badRequest } from './status-error.js';

export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted and distinct; none for `exists` and `!`. */
  readonly values: readonly string[];
}

/** All of them must hold; an empty list holds for everything. Sorted by key. */
export type LabelRequirements = readonly LabelRequirement[];

/** Holds for nothing: what an absent selector of an object means. */
export const NOTHING: LabelRequirements = Object.freeze([Object.freeze({ key: '', operator: 'in', values: [] })]);

type Labels = Readonly<Record<string, string>>;

export const matches = (requirements: LabelRequirements, labels: Labels = {}): boolean =>
  requirements.every((each) => matchesRequirement(each, labels));

/** An absent selector selects nothing, an empty one everything. Throws a StatusError for an unknown operator. */
export function fromLabelSelector(selector: LabelSelector | undefined): LabelRequirements {
  if (selector === undefined) return NOTHING;
  const exact = Object.entries(selector.matchLabels ?? {}).map(([key, value]): LabelRequirement => ({
    key,
    operator: '=',
    values: [value],
  }));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }): LabelRequirement => ({
    key,
    operator: expressionOperator(operator),
    values: values ?? [],
  }));
  return sortedByKey([...exact, ...expressions]);
}

/** The text of a query: `app=web,tier in (a,b),!legacy`. Parsing it gives the same requirements. */
export const formatLabelSelector = (requirements: LabelRequirements): string =>
  requirements.map(formatRequirement).join(',');

/** Throws a StatusError 400 with upstream's words. The text is a query's: `env in (a, b),tier!=x,!old,count>3`. */
export function parseLabelSelector(text: string): LabelRequirements {
  const tokens = new Tokens(text);
  const requirements: LabelRequirement[] = [];
  for (;;) {
    const token = tokens.peek('value');
    if (token.kind === 'end') return sortedByKey(requirements);
    if (token.kind !== 'identifier' && token.kind !== '!') {
      throw badRequest(`found '${token.text}', expected: !, identifier, or 'end of string'`);
    }
    requirements.push(parseRequirement(tokens));
    const next = tokens.take('value');
    if (next.kind === 'end') return sortedByKey(requirements);
    if (next.kind !== ',') throw badRequest(`found '${next.text}', expected: ',' or 'end of string'`);
    const following = tokens.peek('value');
    if (following.kind !== 'identifier' && following.kind !== '!') {
      throw badRequest(`found '${following.text}', expected: identifier after ','`);
    }
  }
}

function matchesRequirement({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      const [actual, bound] = [int64(value), int64(values[0])];
      if (actual === undefined || bound === undefined) return false;
      return operator === 'gt' ? actual > bound : actual < bound;
    }
  }
}

function expressionOperator(operator: string): LabelOperator {
  switch (operator) {
    case 'In':
      return 'in';
    case 'NotIn':
      return 'notin';
    case 'Exists':
      return 'exists';
    case 'DoesNotExist':
      return '!';
    default:
      throw badRequest(`${goQuote(operator)} is not a valid label selector operator`);
  }
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.toSorted().join(',')})`;
    case 'gt':
      return `${key}>${values.join(',')}`;
    case 'lt':
      return `${key}<${values.join(',')}`;
    default:
      return `${key}${operator}${values.join(',')}`;
  }
}

const sortedByKey = (requirements: LabelRequirement[]): LabelRequirements =>
  requirements.length < 2 ? requirements : requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

type TokenKind = 'identifier' | 'end' | ')' | '(' | ',' | '!' | '=' | '==' | '!=' | '>' | '<' | 'in' | 'notin';
interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const OPERATORS: Readonly<Partial<Record<TokenKind, LabelOperator>>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
};
const OPERATOR_NAMES = 'in, notin, =, ==, !=, gt, lt';

/** Upstream's lexer reads bytes and takes a NUL for the end of the text; so does this. */
class Tokens {
  readonly #pattern = /[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^\0=!(),<> \t\r\n]+)\0?|$|\0)/y;
  readonly #text: string;
  #next: Token;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#read();
  }

  /** `in` and `notin` are words where a key or a value may stand, operators elsewhere. */
  peek(as: 'value' | 'operator'): Token {
    const { kind, text } = this.#next;
    return as === 'value' && (kind === 'in' || kind === 'notin') ? { kind: 'identifier', text } : this.#next;
  }

  take(as: 'value' | 'operator'): Token {
    const token = this.peek(as);
    if (token.kind !== 'end') this.#next = this.#read();
    return token;
  }

  #read(): Token {
    const [, symbol, word] = this.#pattern.exec(this.#text) ?? [];
    if (symbol !== undefined) return { kind: symbol as TokenKind, text: symbol };
    if (word === undefined) return { kind: 'end', text: '' };
    return { kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word };
  }
}

function parseRequirement(tokens: Tokens): LabelRequirement {
  const first = tokens.take('value');
  const isNegated = first.kind === '!';
  const key = isNegated ? tokens.take('value') : first;
  if (key.kind !== 'identifier') throw unparsable(`found '${key.text}', expected: identifier`);
  const keyFaults = qualifiedNameFaults(key.text);
  if (keyFaults.length > 0) throw refused([invalid('<nil>', key.text, keyFaults.join('; '))]);
  const following = tokens.peek('value').kind;
  if (isNegated) return { key: key.text, operator: '!', values: [] };
  if (following === 'end' || following === ',') return { key: key.text, operator: 'exists', values: [] };
  const token = tokens.take('operator');
  const operator = OPERATORS[token.kind];
  if (operator === undefined) throw unparsable(`found '${token.text}', expected: ${OPERATOR_NAMES}`);
  const values = operator === 'in' || operator === 'notin' ? parseValues(tokens) : [parseExactValue(tokens)];
  return checked({ key: key.text, operator, values });
}

function parseValues(tokens: Tokens): readonly string[] {
  const open = tokens.take('value');
  if (open.kind !== '(') throw unparsable(`found '${open.text}' expected: '('`);
  const first = tokens.peek('value');
  if (first.kind === ')') {
    tokens.take('value');
    return [''];
  }
  if (first.kind !== 'identifier' && first.kind !== ',') {
    throw unparsable(`found '${first.text}', expected: ',', ')' or identifier`);
  }
  const values = parseValueList(tokens);
  tokens.take('value');
  return [...values].sort();
}

/** Up to, not including, the closing parenthesis. An empty place between commas is the empty value. */
function parseValueList(tokens: Tokens): ReadonlySet<string> {
  const values = new Set<string>();
  for (;;) {
    const token = tokens.take('value');
    const next = tokens.peek('value');
    if (token.kind === 'identifier') {
      values.add(token.text);
      if (next.kind === ')') return values;
      if (next.kind !== ',') throw unparsable(`found '${next.text}', expected: ',' or ')'`);
    } else if (token.kind === ',') {
      if (values.size === 0 || next.kind === ')' || next.kind === ',') values.add('');
      if (next.kind === ')') return values;
    } else {
      throw unparsable(`found '${token.text}', expected: ',', or identifier`);
    }
  }
}

function parseExactValue(tokens: Tokens): string {
  const next = tokens.peek('value').kind;
  if (next === 'end' || next === ',') return '';
  const token = tokens.take('value');
  if (token.kind !== 'identifier') throw unparsable(`found '${token.text}', expected: identifier`);
  return token.text;
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, operator, values } = requirement;
  const errors: FieldError[] = [];
  if (operator === 'gt' || operator === 'lt') {
    for (const [index, value] of values.entries()) {
      if (int64(value) !== undefined) continue;
      errors.push(invalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
    }
  }
  for (const [index, value] of values.entries()) {
    const faults = labelValueFaults(value);
    if (faults.length > 0) errors.push(invalid(`values[${index}][${key}]`, value, faults.join('; ')));
  }
  if (errors.length > 0) throw refused(errors);
  return requirement;
}

function int64(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d{1,40}$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const unparsable = (message: string) => badRequest(`unable to parse requirement: ${message}`);
const refused = (errors: readonly FieldError[]) => unparsable(aggregateMessage(errors));
