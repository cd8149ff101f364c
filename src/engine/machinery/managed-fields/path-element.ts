import { goJson, goQuote } from '../go-text.js';

/**
 * One step of a field path: a field's name, the keys of a list's element, an element of a set, or an index. Equal steps have
 * equal texts.
 */
export interface PathElement {
  /** As in FieldsV1: `f:spec`, `k:{"name":"a"}`, `v:"x"`, `i:0`. */
  readonly text: string;
  readonly hash: number;
  /** Whether it is one key with a value that JSON does not escape: such steps are in order of their texts. */
  readonly isPlainKey: boolean;
}

export type KeyValue = string | number | bigint | boolean | null;
export type KeyFields = readonly (readonly [name: string, value: KeyValue])[];

const RANKS: Readonly<Record<string, number>> = { f: 0, k: 1, v: 2, i: 3 };
const PREFIX_LENGTH = 2;
const INDEX = /^-?\d+$/;
const PLAIN_KEY = /^k:\{"\w+":"[\w./-]*"\}$/;

export const elementOf = (text: string): PathElement =>
  Object.freeze({ text, hash: hashOf(text), isPlainKey: PLAIN_KEY.test(text) });

export const fieldText = (name: string): string => `f:${name}`;
export const valueText = (value: unknown): string => `v:${scalarText(value)}`;

/** `fields` are sorted by name. */
export const keyText = (fields: KeyFields): string =>
  `k:{${fields.map(([name, value]) => `${goJson(name)}:${scalarText(value)}`).join(',')}}`;

/** The canonical form of a key of FieldsV1: `undefined` for kinds of steps that are not known, which are skipped. @throws SyntaxError */
export function canonicalText(text: string): string | undefined {
  const rest = text.slice(PREFIX_LENGTH);
  if (text[1] !== ':') throw new SyntaxError(`missing colon: ${text}`);
  switch (text[0]) {
    case 'f':
      return text;
    case 'v':
      return valueText(JSON.parse(rest));
    case 'k':
      return keyText(sortedFields(rest));
    case 'i':
      if (!INDEX.test(rest)) throw new SyntaxError(`no index: ${text}`);
      return `i:${Number(rest)}`;
    default:
      return undefined;
  }
}

/** As messages show it: `.spec`, `[name="a"]`, `[="x"]`, `[0]`. */
export function elementLabel({ text }: PathElement): string {
  const rest = text.slice(PREFIX_LENGTH);
  switch (text[0]) {
    case 'f':
      return `.${rest}`;
    case 'k':
      return `[${sortedFields(rest)
        .map(([name, value]) => `${name}=${valueLabel(value)}`)
        .join(',')}]`;
    case 'v':
      return `[=${valueLabel(JSON.parse(rest) as KeyValue)}]`;
    default:
      return `[${rest}]`;
  }
}

/** The order of steps in FieldsV1: fields by name, then keys, values and indexes. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b || a.text === b.text) return 0;
  const kind = a.text[0] ?? '';
  const ranks = (RANKS[kind] ?? 0) - (RANKS[b.text[0] ?? ''] ?? 0);
  if (ranks !== 0) return ranks;
  if (kind === 'f' || (a.isPlainKey && b.isPlainKey)) return a.text < b.text ? -1 : 1;
  const [left, right] = [a.text.slice(PREFIX_LENGTH), b.text.slice(PREFIX_LENGTH)];
  if (kind === 'k') return compareFields(sortedFields(left), sortedFields(right));
  if (kind === 'v') return compareValues(JSON.parse(left) as KeyValue, JSON.parse(right) as KeyValue);
  return Number(left) - Number(right);
}

function compareFields(left: KeyFields, right: KeyFields): number {
  for (const [at, [name, value]] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    if (name !== other[0]) return name < other[0] ? -1 : 1;
    const order = compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Numbers come before strings, those before booleans, null last. */
function compareValues(left: KeyValue, right: KeyValue): number {
  const ranks = valueRank(left) - valueRank(right);
  if (ranks !== 0) return ranks;
  if (left === right || left === null || right === null) return 0;
  return left < right ? -1 : 1;
}

function valueRank(value: KeyValue): number {
  if (typeof value === 'number' || typeof value === 'bigint') return 0;
  if (typeof value === 'string') return 1;
  return typeof value === 'boolean' ? 2 : 3;
}

/** A key that is no scalar is refused, but shown before. */
function valueLabel(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[${value.map(valueLabel).join(',')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, each]) => `${key}=${valueLabel(each)}`)
    .join('');
}

const scalarText = (value: unknown): string => (typeof value === 'bigint' ? String(value) : goJson(value));

function sortedFields(json: string): KeyFields {
  const fields = Object.entries(JSON.parse(json) as Readonly<Record<string, KeyValue>>);
  return fields.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash | 0;
}
