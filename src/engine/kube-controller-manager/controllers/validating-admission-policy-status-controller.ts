// Mirrors upstream's validatingadmissionpolicy-status controller: what in a policy does not fit the types that it is about.
// Left out: types of custom resources.
import { kinds } from '../../kinds/registry.js';
import { validatingAdmissionPolicy } from '../../kinds/validating-admission-policy.js';
import type {
  ExpressionWarning,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicy,
} from '../../machinery/api/admissionregistration-v1.js';
import { admissionVariables } from '../../machinery/cel/admission-environment.js';
import { apiType } from '../../machinery/cel/api-type.js';
import { checkExpression } from '../../machinery/cel/expression-check.js';
import { DYN, type Type } from '../../machinery/cel/types.js';
import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf } from '../../machinery/object.js';
import { schemaOfKind } from '../../machinery/schema/built-in-schemas.js';
import { defineController } from '../controller.js';

/** Types that one policy is checked against at most, as upstream has it. */
const TYPES_MAX = 10;
const COMPILATION_FAILED = 'compilation failed: ';

export const validatingAdmissionPolicyStatusController = defineController<ValidatingAdmissionPolicy>({
  name: 'validatingadmissionpolicy-status-controller',
  option: 'validatingadmissionpolicy-status-controller',
  serviceAccount: 'validatingadmissionpolicy-status-controller',
  primary: validatingAdmissionPolicy,

  reconcile({ client }, policy) {
    if (policy === undefined) return undefined;
    const { generation = 0 } = policy.metadata;
    if ((policy.status?.observedGeneration ?? 0) >= generation) return undefined;
    const expressionWarnings = warningsOf(policy);
    const typeChecking = expressionWarnings.length === 0 ? {} : { typeChecking: { expressionWarnings } };
    client.updateStatus(validatingAdmissionPolicy, {
      ...policy,
      status: { observedGeneration: generation, ...typeChecking },
    });
    return undefined;
  },
});

function warningsOf({ spec = {} }: ValidatingAdmissionPolicy): readonly ExpressionWarning[] {
  const checked = kindsToCheck(spec.matchConstraints?.resourceRules ?? []);
  const params = spec.paramKind === undefined ? undefined : typeNamed(spec.paramKind);
  const warnings: ExpressionWarning[] = [];
  const note = (fieldRef: string, expression: string): void => {
    const faults = checked.flatMap((kind) => faultOf(kind, expression, spec, params));
    if (faults.length > 0) warnings.push({ fieldRef, warning: faults.join('') });
  };
  for (const [index, { expression, messageExpression = '' }] of (spec.validations ?? []).entries()) {
    note(`spec.validations[${index}].expression`, expression);
    if (messageExpression !== '') note(`spec.validations[${index}].messageExpression`, messageExpression);
  }
  return warnings;
}

/** The kinds that rules name in full, in upstream's order. */
function kindsToCheck(rules: readonly NamedRuleWithOperations[]): readonly Kind[] {
  const found = new Set<Kind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([apiGroups, apiVersions, resources].some((list) => list.some((each) => each.includes('*')))) continue;
    const plain = resources.filter((each) => !each.includes('/'));
    const named = kinds.filter(
      (kind) => apiGroups.includes(kind.group) && apiVersions.includes(kind.version) && plain.includes(kind.plural),
    );
    for (const kind of named) if (found.size < TYPES_MAX) found.add(kind);
  }
  return [...found].sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
}

const nameOf = (kind: Kind): string => `${apiVersionOf(kind)}, Kind=${kind.kind}`;

function typeNamed({ apiVersion = '', kind = '' }: { readonly apiVersion?: string; readonly kind?: string }): Type {
  const slash = apiVersion.indexOf('/');
  const schema = schemaOfKind(slash < 0 ? '' : apiVersion.slice(0, slash), apiVersion.slice(slash + 1), kind);
  return schema === undefined ? DYN : apiType(schema);
}

function faultOf(
  kind: Kind,
  expression: string,
  { variables = [] }: NonNullable<ValidatingAdmissionPolicy['spec']>,
  params: Type | undefined,
): readonly string[] {
  const object = typeNamed({ apiVersion: apiVersionOf(kind), kind: kind.kind });
  const types = new Map<string, Type>();
  const given = { hasParams: params !== undefined, hasAuthorizer: true, object, variables: types };
  const known = (): ReturnType<typeof admissionVariables> =>
    admissionVariables(params === undefined ? given : { ...given, params });
  for (const each of variables) types.set(each.name, checkExpression(each.expression, known()).type ?? DYN);
  const { fault } = checkExpression(expression, known());
  return fault === undefined ? [] : [`${nameOf(kind)}: ${fault.slice(COMPILATION_FAILED.length)}\n`];
}
