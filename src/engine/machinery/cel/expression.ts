/** The syntax tree of an expression. Macros are resolved: what they make has nodes of its own. */
import type { Value } from './values/value.js';

interface Node {
  /** Where errors about it point to: the offset in UTF-16 units, as cel-go chooses it (the operator, the open bracket, the dot). */
  readonly position: number;
}

export interface Literal extends Node {
  readonly kind: 'literal';
  readonly value: Value;
}

export interface Identifier extends Node {
  readonly kind: 'identifier';
  readonly name: string;
}

export interface Select extends Node {
  readonly kind: 'select';
  readonly operand: Expression;
  readonly field: string;
  /** `has(operand.field)` */
  readonly isTest: boolean;
  /** `operand.?field` */
  readonly isOptional: boolean;
}

/** Operators, functions and methods alike; operators have cel-go's names, such as `_+_`. */
export interface Call extends Node {
  readonly kind: 'call';
  readonly name: string;
  readonly target: Expression | undefined;
  readonly args: readonly Expression[];
}

export interface ListLiteral extends Node {
  readonly kind: 'list';
  readonly elements: readonly Expression[];
  /** The places of `?` elements: optionals that are left out where nothing is in them. */
  readonly optionals: readonly number[];
}

export interface MapLiteral extends Node {
  readonly kind: 'map';
  readonly entries: readonly (readonly [key: Expression, value: Expression])[];
  /** The places of `?` entries, whose values are optionals. */
  readonly optionals: readonly number[];
}

export type Macro =
  'all' | 'exists' | 'exists_one' | 'filter' | 'map' | 'transformList' | 'transformMap' | 'transformMapEntry';

/** `range.macro(variable, …)`: goes over a list or the keys of a map; with a second variable over both index and value. */
export interface Comprehension extends Node {
  readonly kind: 'comprehension';
  readonly macro: Macro;
  readonly range: Expression;
  readonly variable: string;
  readonly second: string | undefined;
  /** Which items count; absent where all do. */
  readonly filter: Expression | undefined;
  /** What is made of an item, or asked of it. */
  readonly body: Expression;
}

/** `cel.bind` binds a value, `optMap` and `optFlatMap` what is in an optional, and `sortBy` its list. */
export interface Bind extends Node {
  readonly kind: 'bind';
  readonly macro: 'bind' | 'optMap' | 'optFlatMap';
  readonly name: string;
  readonly value: Expression;
  readonly body: Expression;
}

export type Expression = Bind | Call | Comprehension | Identifier | ListLiteral | Literal | MapLiteral | Select;
