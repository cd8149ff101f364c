/**
 * Upstream checks its internal types, whose fields have no JSON names: where a message prints one as JSON, it shows Go's
 * field names and the fields that are not set. This makes that form of an object as it is on the wire.
 */
import { INTERNAL_TYPES } from './internal-types.js';

type Wire = Readonly<Record<string, unknown>>;

interface Field {
  readonly name: string;
  readonly wireName: string;
  readonly shape: Shape;
}
type Shape =
  | { readonly kind: 'value'; readonly unset: unknown }
  | { readonly kind: 'struct' | 'pointer' | 'list'; readonly type: string }
  | { readonly kind: 'inline'; readonly type: string };

const UNSET: Readonly<Record<string, unknown>> = { s: '', i: 0, b: false, q: '0' };
/** Fields of the pod that upstream keeps in its security context. */
const SHARED_WITH_NODE = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'] as const;

/** `undefined` prints as null. The key order is upstream's. */
export function internalForm(type: string, value: object | undefined): unknown {
  if (value === undefined) return undefined;
  const form: Record<string, unknown> = {};
  fill(form, type, value as Wire);
  return form;
}

function fill(form: Record<string, unknown>, type: string, value: Wire): void {
  if (type === 'ObjectMeta') {
    for (const [name, each] of Object.entries(value['metadata'] ?? {})) form[name] = sortedMap(each);
    return;
  }
  const wire = type === 'PodSpec' ? withSecurityContext(value) : value;
  for (const field of fieldsOf(type)) {
    if (field.shape.kind === 'inline') fill(form, field.shape.type, wire);
    else form[field.name] = shaped(field.shape, wire[field.wireName]);
  }
}

function shaped(shape: Shape, value: unknown): unknown {
  if (shape.kind === 'value') return value === undefined ? shape.unset : sortedMap(value);
  if (shape.kind === 'list') {
    return Array.isArray(value) ? value.map((each: object) => internalForm(shape.type, each)) : null;
  }
  if (typeof value === 'object' && value !== null) return internalForm(shape.type, value);
  return shape.kind === 'pointer' ? null : internalForm(shape.type, {});
}

/** Go prints maps by key. Structs keep the order of their fields. */
export function sortedMap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  const isMap = entries.every(([, each]) => typeof each === 'string');
  if (!isMap) return Object.fromEntries(entries.map(([key, each]) => [key, sortedMap(each)]));
  return Object.fromEntries(entries.toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)));
}

function withSecurityContext(spec: Wire): Wire {
  const context: Record<string, unknown> = { ...(spec['securityContext'] ?? {}) };
  for (const field of SHARED_WITH_NODE) if (spec[field] !== undefined) context[field] = spec[field];
  return { ...spec, securityContext: context };
}

const FIELDS: ReadonlyMap<string, readonly Field[]> = new Map(
  Object.entries(INTERNAL_TYPES).map(([type, text]) => [type, text.split(' ').map(parseField)]),
);
const fieldsOf = (type: string): readonly Field[] => FIELDS.get(type) ?? [];

function parseField(text: string): Field {
  if (text.startsWith('^')) return { name: '', wireName: '', shape: { kind: 'inline', type: text.slice(1) } };
  const [names = '', shape = ''] = text.split(':');
  const [name = '', wireName] = names.split('=');
  return { name, wireName: wireName ?? name.charAt(0).toLowerCase() + name.slice(1), shape: parseShape(shape) };
}

function parseShape(text: string): Shape {
  if (text.startsWith('{')) return { kind: 'struct', type: text.slice(1, -1) };
  if (text.startsWith('*')) return { kind: 'pointer', type: text.slice(1) };
  if (text.startsWith('[')) return { kind: 'list', type: text.slice(1, -1) };
  return { kind: 'value', unset: UNSET[text] ?? null };
}
