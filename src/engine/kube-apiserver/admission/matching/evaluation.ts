import type { Activation } from '../../../machinery/cel/frame.js';
import type { Compiled } from '../../../machinery/cel/program.js';
import type { Spending } from '../../../machinery/cel/spending.js';
import { CelError, CostExceeded } from '../../../machinery/cel/values/cel-error.js';
import type { Value } from '../../../machinery/cel/values/value.js';

const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

export type Outcome =
  | { readonly value: Value; readonly fault?: never; readonly isOver?: never }
  /** `isOver`: nothing more may be evaluated. */
  | { readonly fault: string; readonly isOver?: boolean; readonly value?: never };

interface Evaluation {
  readonly expression: string;
  readonly activation: Activation;
  readonly spending: Spending;
}

/** One expression for one request, its failures in upstream's words. */
export function evaluate({ program, fault }: Compiled, { expression, activation, spending }: Evaluation): Outcome {
  if (program === undefined) return { fault: `compilation error: compilation failed: ${fault}` };
  try {
    const { value, cost } = program.run(activation);
    return spending.take(cost) ? { value } : { fault: OUT_OF_BUDGET, isOver: true };
  } catch (error) {
    if (error instanceof CostExceeded) {
      if (!spending.take(error.cost)) return { fault: OUT_OF_BUDGET, isOver: true };
    } else if (!(error instanceof CelError)) throw error;
    return { fault: `expression '${expression}' resulted in error: ${error.message}` };
  }
}
