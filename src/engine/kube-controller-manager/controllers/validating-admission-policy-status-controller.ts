// Mirrors upstream's validatingadmissionpolicy-status controller: what in a policy does not fit the types that it is about.
import type { Client } from '../../client/client.js';
import { customResourceDefinition } from '../../kinds/custom-resource-definition.js';
import { pod } from '../../kinds/pod.js';
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
import { schemaType } from '../../machinery/cel/schema/schema-type.js';
import { DYN, type Field, type Type } from '../../machinery/cel/types.js';
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
    const expressionWarnings = warningsOf(client, policy);
    const typeChecking = expressionWarnings.length === 0 ? {} : { typeChecking: { expressionWarnings } };
    client.updateStatus(validatingAdmissionPolicy, {
      ...policy,
      status: { observedGeneration: generation, ...typeChecking },
    });
    return undefined;
  },
});

function warningsOf(client: Client, { spec = {} }: ValidatingAdmissionPolicy): readonly ExpressionWarning[] {
  const checked = kindsToCheck(client, spec.matchConstraints?.resourceRules ?? []).map((kind) => {
    return { name: nameOf(kind), object: typeNamed(client, { apiVersion: apiVersionOf(kind), kind: kind.kind }) };
  });
  const params = spec.paramKind === undefined ? undefined : typeNamed(client, spec.paramKind);
  const warnings: ExpressionWarning[] = [];
  const note = (fieldRef: string, expression: string): void => {
    const faults = checked.flatMap((type) => faultOf(type, expression, spec, params));
    if (faults.length > 0) warnings.push({ fieldRef, warning: faults.join('') });
  };
  for (const [index, { expression, messageExpression = '' }] of (spec.validations ?? []).entries()) {
    note(`spec.validations[${index}].expression`, expression);
    if (messageExpression !== '') note(`spec.validations[${index}].messageExpression`, messageExpression);
  }
  return warnings;
}

/** The kinds that rules name in full, in upstream's order. */
function kindsToCheck(client: Client, rules: readonly NamedRuleWithOperations[]): readonly Kind[] {
  const found = new Set<Kind>();
  const all = [...kinds, ...client.customKinds()];
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([apiGroups, apiVersions, resources].some((list) => list.some((each) => each.includes('*')))) continue;
    const plain = resources.filter((each) => !each.includes('/'));
    const named = all.filter(
      (kind) => apiGroups.includes(kind.group) && apiVersions.includes(kind.version) && plain.includes(kind.plural),
    );
    for (const kind of named) if (found.size < TYPES_MAX) found.add(kind);
  }
  return [...found].sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
}

const nameOf = (kind: Kind): string => `${apiVersionOf(kind)}, Kind=${kind.kind}`;

interface TypeName {
  readonly apiVersion?: string;
  readonly kind?: string;
}

function typeNamed(client: Client, { apiVersion = '', kind = '' }: TypeName): Type {
  const slash = apiVersion.indexOf('/');
  const schema = schemaOfKind(slash < 0 ? '' : apiVersion.slice(0, slash), apiVersion.slice(slash + 1), kind);
  if (schema !== undefined) return apiType(schema);
  const custom = client.customKinds().find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  return custom === undefined ? DYN : customType(client, custom);
}

/** As the cluster's definition has it; as in the document that is published of it, its metadata is whole. */
function customType(client: Client, { plural, group, version }: Kind): Type {
  const definition = client.get(customResourceDefinition, `${plural}.${group}`);
  const source = definition?.spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
  const type = source === undefined ? undefined : schemaType(source, true)?.type;
  if (type?.kind !== 'object') return DYN;
  return { ...type, field: (name) => (name === 'metadata' ? wholeMetadata() : type.field(name)) };
}

/** What every kind has; that of any built-in one. */
function wholeMetadata(): Field | undefined {
  const schema = schemaOfKind(pod.group, pod.version, pod.kind);
  const type = schema === undefined ? undefined : apiType(schema);
  return type?.kind === 'object' ? type.field('metadata') : undefined;
}

interface CheckedType {
  readonly name: string;
  readonly object: Type;
}

function faultOf(
  { name, object }: CheckedType,
  expression: string,
  { variables = [] }: NonNullable<ValidatingAdmissionPolicy['spec']>,
  params: Type | undefined,
): readonly string[] {
  const types = new Map<string, Type>();
  const given = { hasParams: params !== undefined, hasAuthorizer: true, object, variables: types };
  const known = (): ReturnType<typeof admissionVariables> =>
    admissionVariables(params === undefined ? given : { ...given, params });
  for (const each of variables) types.set(each.name, checkExpression(each.expression, known()).type ?? DYN);
  const { fault } = checkExpression(expression, known());
  return fault === undefined ? [] : [`${name}: ${fault.slice(COMPILATION_FAILED.length)}\n`];
}
