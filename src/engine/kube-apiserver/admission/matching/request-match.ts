/** Which requests a policy or a webhook is about: upstream's rules, scopes, selectors and match policy. */
import { namespace as namespaceKind } from '../../../kinds/namespace.js';
import type { NamedRuleWithOperations, RuleWithOperations } from '../../../machinery/api/admissionregistration-v1.js';
import type { LabelSelector } from '../../../machinery/api/meta-v1.js';
import type { Kind } from '../../../machinery/kind.js';
import { fromLabelSelector, matches } from '../../../machinery/label-selector.js';
import type { KubeObject } from '../../../machinery/object.js';
import { notFound } from '../../../machinery/status-error.js';
import type { ResourceReader } from '../../../machinery/resource-reader.port.js';
import type { KindRegistry } from '../../kind-registry.js';
import type { AdmissionAttributes } from '../admission.js';

/** What a policy, a binding or a webhook says of the requests that it is about. */
export interface MatchRules {
  readonly rules: readonly NamedRuleWithOperations[];
  readonly excluded?: readonly NamedRuleWithOperations[];
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  /** `Equivalent` also takes the other versions of a resource that a rule names. */
  readonly matchPolicy?: string;
}

const OF_NAMESPACES = { group: '', resource: 'namespaces' };
const CONFIGURATION_GROUP = 'admissionregistration.k8s.io';

/** Nothing that configures admission is subject to it: a mistake could never be put right. */
export const isExempt = ({ kind }: AdmissionAttributes): boolean => kind.group === CONFIGURATION_GROUP;

/**
 * The form of the resource that the rules ask for; `undefined` where they are not about the request.
 * @throws StatusError 404 where they select by the labels of a namespace that is not there
 */
export function matchedKind(
  match: MatchRules,
  attributes: AdmissionAttributes,
  { reader, registry }: { readonly reader: ResourceReader; readonly registry: KindRegistry },
): Kind | undefined {
  if (!matchesObject(match.objectSelector, attributes)) return undefined;
  const { labels, isMissing } = namespaceLabels(match.namespaceSelector, attributes, reader);
  if (labels !== undefined && !matches(fromLabelSelector(match.namespaceSelector), labels)) return undefined;
  if (formOf(match.excluded ?? [], match, attributes, registry) !== undefined) return undefined;
  const form = formOf(match.rules, match, attributes, registry);
  if (form !== undefined && isMissing === true) throw notFound(OF_NAMESPACES, attributes.namespace ?? '');
  return form;
}

function formOf(
  rules: readonly NamedRuleWithOperations[],
  { matchPolicy }: MatchRules,
  attributes: AdmissionAttributes,
  registry: KindRegistry,
): Kind | undefined {
  const { kind } = attributes;
  if (rules.some((rule) => ruleMatches(rule, attributes, kind))) return kind;
  if (rules.length === 0 || matchPolicy === 'Exact') return undefined;
  const forms = equivalentKinds(kind, registry);
  for (const rule of rules) {
    const form = forms.find((each) => ruleMatches(rule, attributes, each));
    if (form !== undefined) return form;
  }
  return undefined;
}

/** The other versions and groups in which the same objects are served. */
function equivalentKinds(kind: Kind, registry: KindRegistry): readonly Kind[] {
  return registry
    .kinds()
    .filter((each) => each !== kind && each.storagePrefix === kind.storagePrefix && each.plural === kind.plural);
}

function ruleMatches(
  rule: NamedRuleWithOperations,
  attributes: AdmissionAttributes,
  { group, version, plural }: Kind,
): boolean {
  return (
    includes(rule.operations, attributes.operation) &&
    includes(rule.apiGroups, group) &&
    includes(rule.apiVersions, version) &&
    includesResource(rule, plural, attributes.subresource) &&
    includesScope(rule, attributes) &&
    includesName(rule, attributes)
  );
}

const includes = (list: readonly string[] | undefined, wanted: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(wanted));

function includesResource(
  { resources = [] }: RuleWithOperations,
  plural: string,
  subresource: string | undefined,
): boolean {
  return resources.some((each) => {
    const [resource = '', of = ''] = each.split('/');
    return (resource === '*' || resource === plural) && (of === '*' || of === (subresource ?? ''));
  });
}

function includesScope({ scope = '*' }: RuleWithOperations, { kind, namespace }: AdmissionAttributes): boolean {
  if (scope === '*') return true;
  const isNamespaced = namespace !== undefined && namespace !== '' && kind.storagePrefix !== 'namespaces';
  return (scope === 'Namespaced') === isNamespaced;
}

const includesName = ({ resourceNames = [] }: NamedRuleWithOperations, { name }: AdmissionAttributes): boolean =>
  resourceNames.length === 0 || resourceNames.includes(name);

const isEmpty = (selector: LabelSelector | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;

function matchesObject(selector: LabelSelector | undefined, { object, old }: AdmissionAttributes): boolean {
  if (isEmpty(selector)) return true;
  const requirements = fromLabelSelector(selector);
  const fits = (each: KubeObject | undefined): boolean =>
    each?.metadata !== undefined && matches(requirements, each.metadata.labels);
  return fits(object) || fits(old);
}

interface NamespaceLabels {
  /** Those to select by; `undefined` where nothing is selected. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly isMissing?: boolean;
}

function namespaceLabels(
  selector: LabelSelector | undefined,
  { kind, subresource, name, namespace = '', operation, object }: AdmissionAttributes,
  reader: ResourceReader,
): NamespaceLabels {
  if (isEmpty(selector)) return {};
  const isNamespace = kind.storagePrefix === 'namespaces';
  const isWritten = operation === 'CREATE' || operation === 'UPDATE';
  if (isNamespace && subresource === undefined && isWritten) return { labels: object?.metadata.labels ?? {} };
  const within = isNamespace ? name : namespace;
  if (within === '') return {};
  const found = reader.get(namespaceKind, within);
  return found === undefined ? { isMissing: true } : { labels: found.metadata.labels ?? {} };
}
