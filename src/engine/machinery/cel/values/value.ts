/** The values of CEL while an expression runs: int is a bigint, double a number. Everything else that JSON lacks has a class. */
import type { Duration, Timestamp } from './time-values.js';
import type { Extension } from './extension.js';
import type { ListValue } from './list-value.js';
import type { MapValue } from './map-value.js';
import type { Type } from '../types.js';

export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

export class TypeValue {
  readonly type: Type;

  constructor(type: Type) {
    this.type = type;
  }
}

export class OptionalValue {
  static readonly none = new OptionalValue(undefined);
  /** `undefined`: there is none. */
  readonly content: Value | undefined;

  constructor(content: Value | undefined) {
    this.content = content;
  }
}

export type Value =
  | bigint
  | boolean
  | number
  | string
  | null
  | Uint8Array
  | Duration
  | Extension
  | ListValue
  | MapValue
  | OptionalValue
  | Timestamp
  | TypeValue
  | Uint;
