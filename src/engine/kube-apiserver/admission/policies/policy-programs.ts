import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  Validation,
} from '../../../machinery/api/admissionregistration-v1.js';
import { admissionVariables } from '../../../machinery/cel/admission-environment.js';
import { compileProgram, type Compiled } from '../../../machinery/cel/program.js';
import { DYN, type Type } from '../../../machinery/cel/types.js';
import type { TextCodec } from '../../../machinery/text-codec.port.js';

/** Compiled policies that are kept, by content: all clusters of a process share them. */
const POLICIES_MAX = 500;

export interface PolicyVariable {
  readonly name: string;
  readonly compiled: Compiled;
}

export interface PolicyValidation {
  readonly validation: Validation;
  readonly compiled: Compiled;
  readonly message: Compiled | undefined;
}

/** A policy whose expressions are compiled; one that does not compile fails when it is asked. */
export interface CompiledPolicy {
  readonly variables: readonly PolicyVariable[];
  readonly validations: readonly PolicyValidation[];
  readonly annotations: readonly { readonly annotation: AuditAnnotation; readonly compiled: Compiled }[];
}

export class PolicyPrograms {
  readonly #text: TextCodec;
  readonly #byContent = new Map<string, CompiledPolicy>();
  /** A stored policy is never changed: its content need not be written out again. */
  readonly #byObject = new WeakMap<ValidatingAdmissionPolicy, CompiledPolicy>();

  constructor(text: TextCodec) {
    this.#text = text;
  }

  of(policy: ValidatingAdmissionPolicy): CompiledPolicy {
    const known = this.#byObject.get(policy);
    if (known !== undefined) return known;
    const { paramKind, variables, validations, auditAnnotations } = policy.spec ?? {};
    const content = JSON.stringify([paramKind !== undefined, variables, validations, auditAnnotations]);
    const compiled = this.#byContent.get(content) ?? this.#compiled(policy);
    if (this.#byContent.size >= POLICIES_MAX) this.#byContent.clear();
    this.#byContent.set(content, compiled);
    this.#byObject.set(policy, compiled);
    return compiled;
  }

  #compiled({ spec = {} }: ValidatingAdmissionPolicy): CompiledPolicy {
    const hasParams = spec.paramKind !== undefined;
    const types = new Map<string, Type>();
    const compile = (text: string, hasAuthorizer: boolean): Compiled =>
      compileProgram(text, admissionVariables({ hasParams, hasAuthorizer, variables: types }), this.#text);
    const variables = (spec.variables ?? []).map(({ name, expression }) => {
      const compiled = compile(expression, true);
      types.set(name, compiled.program?.type ?? DYN);
      return { name, compiled };
    });
    const validations = (spec.validations ?? []).map((validation) => {
      const { messageExpression = '' } = validation;
      const message = messageExpression.trim() === '' ? undefined : compile(messageExpression, false);
      return { validation, compiled: compile(validation.expression, true), message };
    });
    const annotations = (spec.auditAnnotations ?? []).map((annotation) => ({
      annotation,
      compiled: compile(annotation.valueExpression, true),
    }));
    return { variables, validations, annotations };
  }
}
