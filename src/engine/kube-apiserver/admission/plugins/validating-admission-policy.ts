import { namespace as namespaceKind } from '../../../kinds/namespace.js';
import { validatingAdmissionPolicyBinding } from '../../../kinds/validating-admission-policy-binding.js';
import { validatingAdmissionPolicy as policyKind } from '../../../kinds/validating-admission-policy.js';
import type {
  MatchResources,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../machinery/api/admissionregistration-v1.js';
import type { Kind } from '../../../machinery/kind.js';
import { StatusError } from '../../../machinery/status-error.js';
import { defineAdmissionPlugin, type AdmissionAttributes, type AdmissionContext } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';
import type { AdmissionServices } from '../admission-services.js';
import { isExempt, matchedKind, type MatchRules } from '../matching/request-match.js';
import { judge, type Denial } from '../policies/policy-evaluation.js';
import { kindOfParams, paramsOf } from '../policies/policy-params.js';

const CODES: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Invalid: 422,
  RequestEntityTooLarge: 413,
  Unauthorized: 401,
};
const DEFAULT_REASON = 'Invalid';
const AUDIT_VALUE_BYTES_MAX = 10 * 1_024;

/** Policies in CEL, as their bindings put them in effect. All are evaluated; the first refusal is told. */
export const validatingAdmissionPolicy = defineAdmissionPlugin({
  name: 'ValidatingAdmissionPolicy',
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],

  forms(attributes, context, services) {
    const request = new PolicyRequest(attributes, context, services);
    return context.reader.list(policyKind).flatMap((policy) => request.formOf(policy) ?? []);
  },

  validate(attributes, context, services) {
    const bindings = context.reader.list(validatingAdmissionPolicyBinding);
    if (bindings.length === 0 || isExempt(attributes)) return undefined;
    const request = new PolicyRequest(attributes, context, services);
    for (const policy of context.reader.list(policyKind)) {
      const own = bindings.filter(({ spec }) => spec?.policyName === policy.metadata.name);
      if (own.length > 0) request.apply(policy, own);
    }
    const refusal = request.refusal;
    if (refusal !== undefined) throw refusal;
    return undefined;
  },
});

/** One request before all policies. */
class PolicyRequest {
  readonly #attributes: AdmissionAttributes;
  readonly #context: AdmissionContext;
  readonly #services: AdmissionServices;
  #refusal: StatusError | undefined;

  constructor(attributes: AdmissionAttributes, context: AdmissionContext, services: AdmissionServices) {
    this.#attributes = attributes;
    this.#context = context;
    this.#services = services;
  }

  get refusal(): StatusError | undefined {
    return this.#refusal;
  }

  /** The version that a policy wants to see; `undefined` where it is not about the request. */
  formOf({ spec: { matchConstraints = {} } = {} }: ValidatingAdmissionPolicy): Kind | undefined {
    return this.#matched(matchConstraints, matchConstraints).form;
  }

  apply(policy: ValidatingAdmissionPolicy, bindings: readonly ValidatingAdmissionPolicyBinding[]): void {
    const { paramKind, matchConstraints = {} } = policy.spec ?? {};
    const { form, fault } = this.#matched(matchConstraints, matchConstraints);
    if (fault !== undefined) this.#misconfigured(policy, undefined, fault);
    if (form === undefined) return;
    const kind = paramKind === undefined ? undefined : kindOfParams(paramKind, this.#services.registry);
    if (paramKind !== undefined && kind === undefined) {
      const text = `${paramKind.apiVersion ?? ''}, Kind=${paramKind.kind ?? ''}`;
      this.#misconfigured(policy, undefined, `failed to find resource referenced by paramKind: '${text}'`);
      return;
    }
    const annotations = new Map<string, Set<string>>();
    for (const binding of bindings) {
      const { matchResources } = binding.spec ?? {};
      const narrowed = matchResources === undefined ? { form } : this.#matchedBinding(matchResources, matchConstraints);
      if (narrowed.fault !== undefined) this.#misconfigured(policy, binding, narrowed.fault);
      if (narrowed.form === undefined) continue;
      this.#bind(policy, binding, { form, kind, annotations });
    }
    for (const [key, values] of annotations)
      this.#context.annotate?.(`${policy.metadata.name}/${key}`, [...values].join(', '));
  }

  #bind(
    policy: ValidatingAdmissionPolicy,
    binding: ValidatingAdmissionPolicyBinding,
    {
      form,
      kind,
      annotations,
    }: { readonly form: Kind; readonly kind: Kind | undefined; readonly annotations: Map<string, Set<string>> },
  ): void {
    const { reader } = this.#context;
    const { namespace } = this.#attributes;
    const { objects, fault } = paramsOf(kind, binding, namespace, reader);
    if (fault !== undefined) {
      this.#misconfigured(policy, binding, fault);
      return;
    }
    const isNamespace = this.#attributes.kind.storagePrefix === 'namespaces';
    const within = isNamespace || namespace === undefined ? undefined : reader.get(namespaceKind, namespace);
    const inputs = { attributes: this.#attributes, form, namespace: within, authorizer: this.#services.authorizer };
    for (const param of objects) {
      const judgement = judge(policy, param, inputs, this.#services);
      for (const denial of judgement.denials) this.#act(policy, binding, denial);
      for (const [key, value] of judgement.annotations) {
        const known = annotations.get(key) ?? new Set<string>();
        annotations.set(key, known.add(value.slice(0, AUDIT_VALUE_BYTES_MAX)));
      }
    }
  }

  #act(policy: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding, denial: Denial): void {
    const { name } = binding.metadata;
    const { validationActions = [] } = binding.spec ?? {};
    const { message, reason, index } = denial;
    for (const action of validationActions) {
      if (action === 'Deny') this.#deny(policy, name, message, reason);
      else if (action === 'Warn') {
        this.#context.warn(
          `Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${name}': ${message}`,
        );
      } else if (action === 'Audit') {
        const failure = {
          message,
          policy: policy.metadata.name,
          binding: name,
          expressionIndex: index,
          validationActions,
        };
        this.#context.annotate?.('validation.policy.admission.k8s.io/validation_failure', JSON.stringify([failure]));
      }
    }
  }

  #misconfigured(
    policy: ValidatingAdmissionPolicy,
    binding: ValidatingAdmissionPolicyBinding | undefined,
    fault: string,
  ): void {
    if (policy.spec?.failurePolicy === 'Ignore') return;
    const what = binding === undefined ? 'policy' : 'binding';
    this.#deny(policy, binding?.metadata.name, `failed to configure ${what}: ${fault}`, '');
  }

  #deny(policy: ValidatingAdmissionPolicy, binding: string | undefined, why: string, reason: string): void {
    if (this.#refusal !== undefined) return;
    const by = binding === undefined ? '' : ` with binding '${binding}'`;
    const message = `ValidatingAdmissionPolicy '${policy.metadata.name}'${by} denied request: ${why}`;
    const { status } = admissionForbidden(this.#attributes, message);
    const told = reason === '' ? DEFAULT_REASON : reason;
    const causes = [...(status.details?.causes ?? []), { message }];
    this.#refusal = new StatusError({
      ...status,
      reason: told,
      code: CODES[told] ?? CODES[DEFAULT_REASON] ?? status.code,
      details: { ...status.details, causes },
    });
  }

  #matched(match: MatchResources, { matchPolicy }: MatchResources): Match {
    const asked = { reader: this.#context.reader, registry: this.#services.registry };
    try {
      return { form: matchedKind(rulesOf(match, matchPolicy), this.#attributes, asked) };
    } catch (error) {
      if (error instanceof StatusError) return { fault: error.message };
      throw error;
    }
  }

  /** A binding without rules of its own narrows by selectors alone. */
  #matchedBinding(match: MatchResources, constraints: MatchResources): Match {
    const { resourceRules = [] } = match;
    const rules = resourceRules.length > 0 ? resourceRules : (constraints.resourceRules ?? []);
    return this.#matched({ ...match, resourceRules: rules }, match);
  }
}

/** The form that rules ask for, if they are about the request; or why that cannot be told. */
interface Match {
  readonly form?: Kind | undefined;
  readonly fault?: string;
}

const rulesOf = (
  { resourceRules = [], excludeResourceRules = [], namespaceSelector, objectSelector }: MatchResources,
  matchPolicy: string | undefined,
): MatchRules => ({
  rules: resourceRules,
  excluded: excludeResourceRules,
  ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
  ...(objectSelector === undefined ? {} : { objectSelector }),
  ...(matchPolicy === undefined ? {} : { matchPolicy }),
});
