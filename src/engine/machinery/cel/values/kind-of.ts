import * as types from '../types.js';
import type { Type } from '../types.js';
import { Extension } from './extension.js';
import { ListValue } from './list-value.js';
import { MapValue } from './map-value.js';
import { Duration, Timestamp } from './time-values.js';
import { OptionalValue, TypeValue, Uint, type Value } from './value.js';

/** The type of a value as it runs: what is in lists, maps and optionals is not told. */
export function runtimeType(value: Value): Type {
  switch (typeof value) {
    case 'bigint':
      return types.INT;
    case 'boolean':
      return types.BOOL;
    case 'number':
      return types.DOUBLE;
    case 'string':
      return types.STRING;
    default:
      return typeOfObject(value);
  }
}

function typeOfObject(value: Value): Type {
  if (value === null) return types.NULL;
  if (value instanceof ListValue) return types.listOf(types.DYN);
  if (value instanceof MapValue) return types.mapOf(types.DYN, types.DYN);
  if (value instanceof Extension) return value.type;
  if (value instanceof OptionalValue) return types.optionalOf(types.DYN);
  if (value instanceof Uint) return types.UINT;
  if (value instanceof Timestamp) return types.TIMESTAMP;
  if (value instanceof Duration) return types.DURATION;
  if (value instanceof TypeValue) return types.typeOf(types.DYN);
  return types.BYTES;
}

/** Whether a value may stand for a parameter of this type; what is in a container is not looked at. */
export function isOfType(value: Value, type: Type): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'error':
    case 'parameter':
      return true;
    case 'int':
      return typeof value === 'bigint';
    case 'string':
      return typeof value === 'string';
    case 'bool':
      return typeof value === 'boolean';
    case 'double':
      return typeof value === 'number';
    case 'list':
      return value instanceof ListValue;
    case 'map':
    case 'object':
      return value instanceof MapValue;
    case 'opaque': {
      const actual = runtimeType(value);
      return actual.kind === 'opaque' && actual.name === type.name;
    }
    default:
      return runtimeType(value).kind === type.kind;
  }
}

/** The name that cel-go's errors give to the type of a value. */
export function runtimeTypeName(value: Value): string {
  const type = runtimeType(value);
  switch (type.kind) {
    case 'null':
      return 'null_type';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'duration':
      return 'google.protobuf.Duration';
    case 'opaque':
      return type.name;
    default:
      return type.kind;
  }
}
