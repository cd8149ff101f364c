import type { Budget } from './cost.js';
import type { CallContext } from './library/function.js';
import { CelError } from './values/cel-error.js';
import { runtimeType } from './values/kind-of.js';
import type { Value } from './values/value.js';

/** Values of variables by name; `undefined` for one that has none. */
export type Activation = (name: string) => Value | undefined;

/** One evaluation. */
export interface Run {
  readonly activation: Activation;
  readonly budget: Budget;
  readonly context: CallContext;
}

/** The variables that macros bind, innermost first. */
export interface Frame {
  readonly run: Run;
  readonly name: string;
  readonly value: Value;
  readonly parent: Frame | undefined;
}

export type Step = (frame: Frame) => Value;

export const rootFrame = (run: Run): Frame => ({ run, name: '', value: null, parent: undefined });
export const bound = (parent: Frame, name: string, value: Value): Frame => ({ run: parent.run, name, value, parent });

/** A step whose error is kept, as `&&` and `||` do. */
export function outcome(step: Step, frame: Frame): boolean | CelError {
  try {
    const value = step(frame);
    return typeof value === 'boolean' ? value : new CelError('no such overload');
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

export const isKey = (value: Value): boolean => ['int', 'uint', 'bool', 'string'].includes(runtimeType(value).kind);
