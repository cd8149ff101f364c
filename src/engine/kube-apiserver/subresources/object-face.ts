import { assert } from '../../kernel/assert.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { schemaOf } from '../../machinery/schema/built-in-schemas.js';
import type { StructSchema } from '../../machinery/schema/schema.js';
import type { ExpectedBody } from '../decode-body.js';
import { mainRules, statusRules, type UpdateRules } from '../strategy/update-rules.js';
import type { Face } from './face.js';

const shown = (object: KubeObject): KubeObject => object;

export const objectFace = (kind: Kind): Face => wholeFace(kind, mainRules(kind));

export const statusFace = (kind: Kind): Face => {
  const face = wholeFace(kind, statusRules(kind));
  return { ...face, body: { ...face.body, keepsSpec: true } };
};

/** A face that shows the object itself; which part of it may change is what the rules say. */
export const wholeFace = (kind: Kind, rules: UpdateRules): Face => ({
  body: bodyOfKind(kind),
  rules,
  isObject: true,
  show: shown,
  apply: (body) => body,
});

export const bodyOfKind = (kind: Kind): ExpectedBody => ({
  group: kind.group,
  version: kind.version,
  kind: kind.kind,
  schema: structOf(kind.type),
  custom: kind.custom,
});

export function structOf(typeName: string): StructSchema {
  const schema = schemaOf(typeName);
  assert(schema.kind === 'struct', `${typeName} is no struct`);
  return schema;
}
