import type { Field, ObjectType, Type } from './types.js';

/** An object type of few fields, all of them declared at once under the names that the object itself has. */
export function objectType(name: string, fields: Readonly<Record<string, Type>>): ObjectType {
  const byName = new Map<string, Field>(Object.entries(fields).map(([each, type]) => [each, { name: each, type }]));
  return { kind: 'object', name, field: (each) => byName.get(each) };
}
