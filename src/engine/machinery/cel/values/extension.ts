import type { Type } from '../types.js';
import type { Value } from './value.js';

/** A value that only functions know how to read: a quantity, an address, a question to the authoriser. */
export abstract class Extension {
  abstract readonly type: Type;
  abstract equals(other: Value): boolean;
  /** As `%s` writes it. */
  abstract text(): string;
}
