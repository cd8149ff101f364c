/** One policy, for one request and one parameter: upstream's `validator.Validate`. */
import type { ValidatingAdmissionPolicy, Validation } from '../../../machinery/api/admissionregistration-v1.js';
import type { Activation } from '../../../machinery/cel/frame.js';
import type { Compiled } from '../../../machinery/cel/program.js';
import { runtimeTypeName } from '../../../machinery/cel/values/kind-of.js';
import { fromJson } from '../../../machinery/cel/values/json-value.js';
import type { KubeObject } from '../../../machinery/object.js';
import type { AdmissionServices } from '../admission-services.js';
import { Spending } from '../../../machinery/cel/spending.js';
import { evaluate, type Outcome } from '../matching/evaluation.js';
import { activationOf, type Inputs } from '../matching/inputs.js';
import type { CompiledPolicy, PolicyValidation } from './policy-programs.js';
import { PolicyVariables } from './policy-variables.js';

/** Upstream's `RuntimeCELCostBudget`. */
const POLICY_COST_MAX = 10_000_000;
const MESSAGE_BYTES_MAX = 5 * 1_024;

export interface Denial {
  readonly message: string;
  /** Empty where upstream gives none, which then reads as `Invalid`. */
  readonly reason: string;
  /** Which validation it was. */
  readonly index: number;
}

export interface Judgement {
  readonly denials: readonly Denial[];
  /** By key. */
  readonly annotations: readonly (readonly [key: string, value: string])[];
}

const NOTHING: Judgement = Object.freeze({ denials: [], annotations: [] });

export function judge(
  policy: ValidatingAdmissionPolicy,
  param: KubeObject | null,
  inputs: Inputs,
  services: AdmissionServices,
): Judgement {
  const { paramKind, matchConditions = [], failurePolicy } = policy.spec ?? {};
  const compiled = services.policies.of(policy);
  const spending = new Spending(POLICY_COST_MAX);
  const activation: Activation = activationOf(inputs, {
    ...(paramKind === undefined ? {} : { params: () => fromJson(param) }),
    variables: () => new PolicyVariables(compiled.variables, () => activation, spending),
  });
  const isIgnored = failurePolicy === 'Ignore';
  if (matchConditions.length > 0) {
    const { matches, fault } = services.conditions.evaluate(matchConditions, activation, paramKind !== undefined);
    if (fault !== undefined)
      return isIgnored ? NOTHING : { ...NOTHING, denials: [{ message: fault, reason: '', index: 0 }] };
    if (!matches) return NOTHING;
  }
  return new Evaluation(activation, spending, isIgnored).judge(compiled);
}

class Evaluation {
  readonly #activation: Activation;
  readonly #spending: Spending;
  /** Whether what cannot be evaluated counts as if it held. */
  readonly #isIgnored: boolean;

  constructor(activation: Activation, spending: Spending, isIgnored: boolean) {
    this.#activation = activation;
    this.#spending = spending;
    this.#isIgnored = isIgnored;
  }

  judge({ validations, annotations }: CompiledPolicy): Judgement {
    const outcomes: Outcome[] = [];
    for (const { compiled, validation } of validations) {
      const outcome = this.#evaluate(compiled, validation.expression);
      if (outcome.isOver === true) return { denials: this.#failed(outcome.fault, 0), annotations: [] };
      outcomes.push(outcome);
    }
    const denials = outcomes.flatMap((outcome, index) => this.#denials(validations[index]!, outcome, index));
    const made: (readonly [string, string])[] = [];
    for (const { annotation, compiled } of annotations) {
      const { value, fault } = this.#evaluate(compiled, annotation.valueExpression);
      if (fault !== undefined) denials.push(...this.#failed(fault, 0));
      else if (typeof value === 'string') {
        if (value.trim() !== '') made.push([annotation.key, value.trim()]);
      } else if (value !== null) {
        const text = `valueExpression '${annotation.valueExpression}' resulted in unsupported return type: ${runtimeTypeName(value)}. Return type must be either string or null.`;
        denials.push({ message: text, reason: '', index: 0 });
      }
    }
    return { denials, annotations: made };
  }

  #denials({ validation, message }: PolicyValidation, outcome: Outcome, index: number): readonly Denial[] {
    if (outcome.fault !== undefined) return this.#failed(outcome.fault, index);
    if (outcome.value === true) return [];
    return [{ message: this.#message(validation, message), reason: validation.reason ?? 'Invalid', index }];
  }

  #failed(message: string, index: number): readonly Denial[] {
    return this.#isIgnored ? [] : [{ message, reason: '', index }];
  }

  #message({ messageExpression = '', message = '', expression }: Validation, compiled: Compiled | undefined): string {
    const made = compiled === undefined ? undefined : this.#evaluate(compiled, messageExpression).value;
    const text = typeof made === 'string' ? made.trim() : '';
    if (text !== '' && text.length <= MESSAGE_BYTES_MAX && !text.includes('\n')) return text;
    if (message.trim() !== '') return message.trim();
    return `failed expression: ${expression.trim()}`;
  }

  #evaluate(compiled: Compiled, expression: string): Outcome {
    return evaluate(compiled, { expression, activation: this.#activation, spending: this.#spending });
  }
}
