/**
 * Mirrors cel-go with the environment of Kubernetes 1.35: checked programs that cost a bounded amount. The grammar is a
 * library's; types, semantics, costs and words are cel-go's. Left out: protobuf messages.
 */
import { compileExpression } from '../regular-expression.js';
import type { TextCodec } from '../text-codec.port.js';
import { check, type Checked, type Variables } from './checker.js';
import { Budget } from './cost.js';
import { compile } from './evaluator.js';
import { rootFrame, type Activation } from './frame.js';
import type { Expression } from './expression.js';
import { issuesText } from './issue.js';
import type { CallContext, Regex } from './library/function.js';
import { parse } from './parse.js';
import type { MacroChoice } from './tree-builder.js';
import type { Type } from './types.js';
import { CelError } from './values/cel-error.js';
import type { Value } from './values/value.js';

/** What one evaluation may cost: upstream's `PerCallLimit`. */
export const CALL_COST_MAX = 1_000_000;
const PATTERN_CACHE_MAX = 50;

export interface Evaluated {
  readonly value: Value;
  readonly cost: number;
}

/** An expression that parses and checks. */
export class Program {
  readonly text: string;
  readonly expression: Expression;
  readonly checked: Checked;
  readonly #step: ReturnType<typeof compile>;
  readonly #context: CallContext;

  constructor(text: string, expression: Expression, checked: Checked, context: CallContext) {
    this.text = text;
    this.expression = expression;
    this.checked = checked;
    this.#context = context;
    this.#step = compile(expression, checked);
  }

  get type(): Type {
    return this.checked.type;
  }

  /** @throws CelError for what goes wrong, CostExceeded beyond `costMax` */
  run(activation: Activation, costMax = CALL_COST_MAX): Evaluated {
    const budget = new Budget(Math.min(costMax, CALL_COST_MAX));
    const value = this.#step(rootFrame({ activation, budget, context: this.#context }));
    return { value, cost: budget.spent };
  }
}

export type Compiled =
  | { readonly program: Program; readonly fault?: never }
  /** As cel-go prints its issues, place and line with them. */
  | { readonly fault: string; readonly program?: never };

export function compileProgram(
  text: string,
  variables: Variables,
  codec: TextCodec,
  macros: MacroChoice = {},
): Compiled {
  const { expression, issues } = parse(text, macros);
  if (expression === undefined) return { fault: issuesText(text, issues) };
  const checked = check(expression, variables);
  if (checked.issues.length > 0) return { fault: issuesText(text, checked.issues) };
  return { program: new Program(text, expression, checked, callContext(codec)) };
}

/** Patterns are mostly literals: what a program has compiled it keeps. */
export function callContext(codec: TextCodec): CallContext {
  const patterns = new Map<string, Regex>();
  return {
    regex(pattern) {
      const known = patterns.get(pattern);
      if (known !== undefined) return known;
      const { expression, fault } = compileExpression(pattern);
      if (expression === undefined) throw new CelError(fault);
      if (patterns.size >= PATTERN_CACHE_MAX) patterns.clear();
      const regex: Regex = {
        test: (text) => expression.matches(text),
        findAll: (text, limit) => expression.findAll(text, limit),
      };
      patterns.set(pattern, regex);
      return regex;
    },
    encode: (text) => codec.encode(text),
    decode(bytes) {
      const text = codec.decode(bytes);
      return text.includes('\ufffd') && !isSame(codec.encode(text), bytes) ? undefined : text;
    },
  };
}

const isSame = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, index) => byte === right[index]);
