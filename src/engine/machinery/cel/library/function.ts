import type { Type } from '../types.js';
import type { Value } from '../values/value.js';

/** A pattern of RE2: matching takes time that is linear in the text. */
export interface Regex {
  /** Whether some part of the text matches. */
  test(text: string): boolean;
  /** The parts that match, at most `limit` of them; all where it is negative. */
  findAll(text: string, limit: number): readonly string[];
}

/** What functions may use besides their arguments. */
export interface CallContext {
  /** @throws CelError for a pattern that is none */
  regex(pattern: string): Regex;
  encode(text: string): Uint8Array;
  /** `undefined` for bytes that are no UTF-8. */
  decode(bytes: Uint8Array): string | undefined;
}

/** One way of calling a function. */
export interface Overload {
  /** Whether the first argument stands before the name, with a dot. */
  readonly isMember: boolean;
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** Given values of the types of `parameters`. @throws CelError */
  readonly call: (args: readonly Value[], context: CallContext) => Value;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
}

/** Arguments in the types that the parameters promise. */
type Implementation<Args extends readonly Value[]> = (args: Args, context: CallContext) => Value;

export const declare = (name: string, ...overloads: readonly Overload[]): FunctionDeclaration => ({ name, overloads });

export const overload = <Args extends readonly Value[]>(
  parameters: readonly Type[],
  result: Type,
  call: Implementation<Args>,
): Overload => ({ isMember: false, parameters, result, call: call as unknown as Overload['call'] });

export const member = <Args extends readonly Value[]>(
  parameters: readonly Type[],
  result: Type,
  call: Implementation<Args>,
): Overload => ({ isMember: true, parameters, result, call: call as unknown as Overload['call'] });
