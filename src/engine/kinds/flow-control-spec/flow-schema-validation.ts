/** Mirrors `ValidateFlowSchema`. */
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../machinery/api/flowcontrol-v1.js';
import { duplicate, forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123LabelFaults, dns1123SubdomainFaults } from '../../machinery/names.js';
import { reportFaults } from '../pod-spec/checks.js';
import { checkMandatorySchema } from './mandatory-objects.js';

const PRECEDENCE_MAX = 10_000;
const METHODS: readonly string[] = ['ByNamespace', 'ByUser'];
const SUBJECT_KINDS: readonly string[] = ['Group', 'ServiceAccount', 'User'];
const VERBS: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'proxy',
  'update',
  'watch',
];
const SUBJECT_FIELDS = [
  ['ServiceAccount', 'serviceAccount'],
  ['User', 'user'],
  ['Group', 'group'],
] as const;

export function validateFlowSchema(schema: FlowSchema, report: Report): void {
  const { metadata, spec } = schema;
  const precedence = spec?.matchingPrecedence ?? 0;
  const path = 'spec.matchingPrecedence';
  if (precedence <= 0) report(invalid(path, precedence, 'must be a positive value'));
  if (precedence > PRECEDENCE_MAX) report(invalid(path, precedence, `must not be greater than ${PRECEDENCE_MAX}`));
  if (precedence === 1 && metadata.name !== 'exempt') {
    report(invalid(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  }
  const method = spec?.distinguisherMethod;
  if (method !== undefined && !METHODS.includes(method.type)) {
    report(notSupported('spec.distinguisherMethod.type', { Type: method.type }, METHODS));
  }
  const level = spec?.priorityLevelConfiguration.name ?? '';
  const levelPath = 'spec.priorityLevelConfiguration.name';
  if (level === '') report(required(levelPath, 'must reference a priority level'));
  else reportFaults(report, levelPath, level, dns1123SubdomainFaults(level));
  for (const [index, rule] of (spec?.rules ?? []).entries()) validateRule(rule, `spec.rules[${index}]`, report);
  checkMandatorySchema(schema, report);
  validateFlowConditions(schema.status?.conditions ?? [], report);
}

/** Conditions of flow schemas and of priority levels. */
export function validateFlowConditions(conditions: readonly { readonly type?: string }[], report: Report): void {
  const types = new Set<string>();
  for (const [index, { type = '' }] of conditions.entries()) {
    if (types.has(type)) report(duplicate(`status.conditions[${index}].type`, type));
    types.add(type);
    if (type === '') report(required(`status.conditions[${index}].type`));
  }
}

function validateRule(rule: PolicyRulesWithSubjects, path: string, report: Report): void {
  const { resourceRules = [], nonResourceRules = [] } = rule;
  const subjects = rule.subjects ?? [];
  if (subjects.length === 0) report(required(`${path}.subjects`, 'subjects must contain at least one value'));
  for (const [index, subject] of subjects.entries()) validateSubject(subject, `${path}.subjects[${index}]`, report);
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    report(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  for (const [index, each] of resourceRules.entries())
    validateResources(each, `${path}.resourceRules[${index}]`, report);
  for (const [index, each] of nonResourceRules.entries())
    validateUrls(each, `${path}.nonResourceRules[${index}]`, report);
}

function validateSubject(subject: Subject, path: string, report: Report): void {
  const { kind } = subject;
  if (!SUBJECT_KINDS.includes(kind)) return report(notSupported(`${path}.kind`, kind, SUBJECT_KINDS));
  for (const [name, field] of SUBJECT_FIELDS) {
    if (name === kind) validateSubjectName(subject, name, field, { path: `${path}.${field}`, report });
  }
  for (const [name, field] of SUBJECT_FIELDS) {
    if (name === kind || subject[field] === undefined) continue;
    report(forbidden(`${path}.${field}`, `${field} is forbidden when subject kind is not '${name}'`));
  }
}

function validateSubjectName(
  subject: Subject,
  kind: string,
  field: 'serviceAccount' | 'user' | 'group',
  { path, report }: { readonly path: string; readonly report: Report },
): void {
  const value = subject[field];
  if (value === undefined) return report(required(path, `${field} is required when subject kind is '${kind}'`));
  if (value.name === '') report(required(`${path}.name`));
  const account = subject.serviceAccount;
  if (field !== 'serviceAccount' || account === undefined) return;
  const { name, namespace } = account;
  if (name !== '' && name !== '*') reportFaults(report, `${path}.name`, name, dns1123SubdomainFaults(name));
  if (namespace === '') report(required(`${path}.namespace`, 'must specify namespace for service account'));
  else reportFaults(report, `${path}.namespace`, namespace, dns1123LabelFaults(namespace));
}

function validateVerbs(verbs: readonly string[], path: string, report: Report): void {
  if (verbs.length === 0) return report(required(path, 'verbs must contain at least one value'));
  if (verbs.includes('*')) {
    if (verbs.length > 1) report(invalid(path, verbs, "if '*' is present, must not specify other verbs"));
  } else if (!verbs.every((verb) => VERBS.includes(verb))) {
    report(notSupported(path, verbs, VERBS));
  }
}

function validateResources(rule: ResourcePolicyRule, path: string, report: Report): void {
  const { clusterScope = false } = rule;
  const namespaces = rule.namespaces ?? [];
  const apiGroups = rule.apiGroups ?? [];
  const resources = rule.resources ?? [];
  validateVerbs(rule.verbs ?? [], `${path}.verbs`, report);
  if (apiGroups.length === 0) {
    report(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  } else {
    checkAlone(report, `${path}.apiGroups`, apiGroups, 'api groups');
  }
  if (resources.length === 0) {
    report(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  } else {
    checkAlone(report, `${path}.resources`, resources, 'resources');
  }
  const at = `${path}.namespaces`;
  if (namespaces.length === 0 && !clusterScope) {
    report(required(at, 'resource rules that are not cluster scoped must supply at least one namespace'));
  } else if (namespaces.includes('*')) {
    checkAlone(report, at, namespaces, 'namespaces');
  } else {
    for (const [index, namespace] of namespaces.entries()) {
      const faults = dns1123LabelFaults(namespace).map(
        (fault) => `each member of this list must be '*' or a DNS-1123 label; ${fault}`,
      );
      reportFaults(report, `${at}[${index}]`, namespace, faults);
    }
  }
}

function checkAlone(report: Report, path: string, values: readonly string[], what: string): void {
  if (values.length > 1 && values.includes('*')) {
    report(invalid(path, values, `if '*' is present, must not specify other ${what}`));
  }
}

function validateUrls(rule: NonResourcePolicyRule, path: string, report: Report): void {
  const urls = rule.nonResourceURLs ?? [];
  const at = `${path}.nonResourceURLs`;
  validateVerbs(rule.verbs ?? [], `${path}.verbs`, report);
  if (urls.length === 0) return report(required(at, 'nonResourceURLs must contain at least one value'));
  if (urls.includes('*')) return checkAlone(report, at, urls, 'non-resource URLs');
  for (const [index, url] of urls.entries()) {
    const fault = urlFault(url);
    if (fault !== undefined) report(invalid(`${at}[${index}]`, url, fault));
  }
}

function urlFault(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  if (!url.includes('*')) return undefined;
  const isSuffix = url.indexOf('*') === url.length - 1 && url.endsWith('/*');
  return isSuffix ? undefined : 'wildcard can only do suffix matching';
}
