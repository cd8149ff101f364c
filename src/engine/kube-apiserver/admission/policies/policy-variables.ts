import type { Activation } from '../../../machinery/cel/frame.js';
import { CelError, CostExceeded } from '../../../machinery/cel/values/cel-error.js';
import { MapValue } from '../../../machinery/cel/values/map-value.js';
import type { Value } from '../../../machinery/cel/values/value.js';
import { goQuote } from '../../../machinery/go-text.js';
import type { Spending } from '../../../machinery/cel/spending.js';
import type { PolicyVariable } from './policy-programs.js';

type Made = { readonly value: Value } | { readonly fault: string };

/** `variables` of a policy: each is evaluated when it is first asked for, and once a request. */
export class PolicyVariables extends MapValue {
  readonly #variables: ReadonlyMap<string, PolicyVariable>;
  readonly #activation: () => Activation;
  readonly #spending: Spending;
  readonly #made = new Map<string, Made>();

  constructor(variables: readonly PolicyVariable[], activation: () => Activation, spending: Spending) {
    super();
    this.#variables = new Map(variables.map((each) => [each.name, each]));
    this.#activation = activation;
    this.#spending = spending;
  }

  override get size(): number {
    return this.#variables.size;
  }

  override keys(): Iterable<Value> {
    return this.#variables.keys();
  }

  override get(key: Value): Value | undefined {
    const variable = typeof key === 'string' ? this.#variables.get(key) : undefined;
    if (variable === undefined) return undefined;
    const made = this.#made.get(variable.name) ?? this.#make(variable);
    this.#made.set(variable.name, made);
    if ('fault' in made) throw new CelError(made.fault);
    return made.value;
  }

  #make({ name, compiled: { program, fault } }: PolicyVariable): Made {
    if (program === undefined) return { fault: `composited variable ${goQuote(name)} fails to compile: ${fault}` };
    try {
      const { value, cost } = program.run(this.#activation());
      if (!this.#spending.take(cost)) throw new CostExceeded(cost);
      return { value };
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      return { fault: `composited variable ${goQuote(name)} fails to evaluate: ${error.message}` };
    }
  }
}
