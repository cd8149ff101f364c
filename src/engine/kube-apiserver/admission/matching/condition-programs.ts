import { admissionVariables } from '../../../machinery/cel/admission-environment.js';
import type { Activation } from '../../../machinery/cel/frame.js';
import { compileProgram, type Compiled } from '../../../machinery/cel/program.js';
import type { MatchCondition } from '../../../machinery/api/admissionregistration-v1.js';
import type { TextCodec } from '../../../machinery/text-codec.port.js';
import { Spending } from '../../../machinery/cel/spending.js';
import { evaluate } from './evaluation.js';

/** Compiled conditions that are kept: those of all clusters of a process, by content. */
const PROGRAMS_MAX = 2_000;
/** Upstream's `RuntimeCELCostBudgetMatchConditions`. */
export const CONDITIONS_COST_MAX = 2_500_000;

const VARIABLES = admissionVariables({ hasParams: false, hasAuthorizer: true });
const VARIABLES_WITH_PARAMS = admissionVariables({ hasParams: true, hasAuthorizer: true });

export type ConditionsOutcome =
  | { readonly matches: boolean; readonly fault?: never }
  /** Some condition could not be evaluated, and none spoke against it. */
  | { readonly fault: string; readonly matches?: never };

/** Match conditions, compiled once a process. */
export class ConditionPrograms {
  readonly #text: TextCodec;
  readonly #compiled = new Map<string, Compiled>();

  constructor(text: TextCodec) {
    this.#text = text;
  }

  /** Whether all conditions hold; one that does not settles it, whatever becomes of the others. */
  evaluate(conditions: readonly MatchCondition[], activation: Activation, hasParams: boolean): ConditionsOutcome {
    const spending = new Spending(CONDITIONS_COST_MAX);
    const faults: string[] = [];
    for (const { expression } of conditions) {
      const { value, fault, isOver } = evaluate(this.#program(expression, hasParams), {
        expression,
        activation,
        spending,
      });
      if (isOver === true) return { fault };
      if (fault !== undefined) faults.push(fault);
      else if (value === false) return { matches: false };
    }
    return faults.length === 0
      ? { matches: true }
      : { fault: faults.length === 1 ? faults[0]! : `[${faults.join(', ')}]` };
  }

  #program(expression: string, hasParams: boolean): Compiled {
    const key = `${hasParams ? 'p' : ' '}${expression}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    if (this.#compiled.size >= PROGRAMS_MAX) this.#compiled.clear();
    const compiled = compileProgram(expression, hasParams ? VARIABLES_WITH_PARAMS : VARIABLES, this.#text);
    this.#compiled.set(key, compiled);
    return compiled;
  }
}
