import { goFormat, goNumber, goQuote, goTypeName } from '../go-text.js';
import { typeAt } from './field-sets.js';
import type { MergeList, MergeMap, MergeType, ScalarKind } from './merge-type.js';
import { elementLabel, elementOf } from './path-element.js';
import { asList, asMap, formOf, identify, kindOf } from './typed-value.js';

const DOUBLED = 'duplicate entries for key';

interface Fault {
  readonly path: string;
  readonly message: string;
}

/** Why a value is not of the type, in structured-merge-diff's words; `undefined` when it is. Doubled list elements are faults. */
export function conformanceFault(type: MergeType, value: unknown): string | undefined {
  const faults: Fault[] = [];
  check(type, value, '', faults);
  return textOf(faults);
}

/** The same of what is stored, where elements may stand twice. */
export function storedFault(type: MergeType, value: unknown): string | undefined {
  const faults: Fault[] = [];
  check(type, value, '', faults);
  return textOf(faults.filter(({ message }) => !message.startsWith(DOUBLED)));
}

function textOf(faults: readonly Fault[]): string | undefined {
  const texts = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  if (texts.length < 2) return texts[0];
  return ['errors:', ...texts.map((text) => `  ${text}`)].join('\n');
}

function check(type: MergeType, value: unknown, path: string, faults: Fault[]): void {
  const kind = kindOf(value);
  const form = formOf(type, kind);
  if (kind === 'null' || kind === 'absent') return;
  if (form === 'map') {
    if (kind === 'map') checkFields(type.map!, value as object, path, faults);
    else faults.push({ path, message: `expected map, got ${printed(value)}` });
  } else if (form === 'list') {
    if (kind === 'list') checkItems(type.list!, asList(value)!, path, faults);
    else faults.push({ path, message: `expected list, got ${printed(value)}` });
  } else {
    const message = scalarFault(type.scalar!, value);
    if (message !== undefined) faults.push({ path, message });
  }
}

function scalarFault(scalar: ScalarKind, value: unknown): string | undefined {
  const isScalar = kindOf(value) === 'scalar';
  switch (scalar) {
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${syntax(value)}}`;
    case 'numeric':
      return typeof value === 'number' || typeof value === 'bigint'
        ? undefined
        : `expected numeric (int or float), got ${goTypeName(value)}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${printed(value)}`;
    case 'untyped':
      return isScalar ? undefined : `expected any scalar, got ${printed(value)}`;
  }
}

/** Go visits a map's keys in no order; here they are sorted. The first field that is not declared ends the visit. */
function checkFields(map: MergeMap, fields: object, path: string, faults: Fault[]): void {
  for (const [key, value] of Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)) as [string, unknown][]) {
    const type = typeAt(map, key);
    if (type === undefined) {
      faults.push({ path: `${path}.${key}`, message: 'field not declared in schema' });
      return;
    }
    check(type, value, `${path}.${key}`, faults);
  }
}

function checkItems(list: MergeList, items: readonly unknown[], path: string, faults: Fault[]): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (list.isAtomic) {
      check(list.element, item, `${path}[${index}]`, faults);
      continue;
    }
    const { text, fault } = identify(list, item);
    if (fault !== undefined) {
      faults.push({ path, message: `element ${index}: ${fault}` });
      return;
    }
    const label = elementLabel(elementOf(text));
    if (seen.has(text)) faults.push({ path, message: `${DOUBLED} ${label}` });
    seen.add(text);
    check(list.element, item, `${path}${label}`, faults);
  }
}

const printed = (value: unknown): string => `&{${goFormat(value)}}`;

/** Go's `%#v`. */
function syntax(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number' || typeof value === 'bigint') return goNumber(value);
  const items = asList(value);
  if (items !== undefined) return `[]interface {}{${items.map(syntax).join(', ')}}`;
  const map = asMap(value);
  if (map === undefined) return value === null ? 'interface {}(nil)' : String(value);
  const members = Object.keys(map)
    .sort()
    .map((key) => `${goQuote(key)}:${syntax(map[key])}`);
  return `map[string]interface {}{${members.join(', ')}}`;
}
