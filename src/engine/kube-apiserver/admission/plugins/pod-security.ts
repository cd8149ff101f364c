import { namespace as namespaceKind } from '../../../kinds/namespace.js';
import { pod as podKind } from '../../../kinds/pod.js';
import type { Pod, PodSpec, PodTemplateSpec } from '../../../machinery/api/core-v1.js';
import { aggregateMessage } from '../../../machinery/field-error.js';
import type { Draft, KubeObject } from '../../../machinery/object.js';
import type { ResourceReader } from '../../../machinery/resource-reader.port.js';
import { forbidden, invalid } from '../../../machinery/status-error.js';
import { defineAdmissionPlugin, objectOf, type AdmissionAttributes, type AdmissionContext } from '../admission.js';
import type { Subject } from '../pod-security/check.js';
import { reasonsText, violationsOf, violationsText } from '../pod-security/evaluation.js';
import { isSameLevelVersion, levelVersionText, policyOf, strictness } from '../pod-security/policy.js';
import type { LevelVersion, SecurityPolicy } from '../pod-security/policy.js';

const ANNOTATION_PREFIX = 'pod-security.kubernetes.io/';
const ENFORCED_ANNOTATION = `${ANNOTATION_PREFIX}enforce-policy`;
/** Upstream looks no further when a namespace's level changes. */
const EXISTING_PODS_MAX = 3_000;
/** What does not change what a pod may do. `resize` is looked at, and found to change nothing of that. */
const IGNORED_SUBRESOURCES: readonly string[] = [
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
];

/** Holds pods to the Pod Security Standards that their namespace asks for, and warns of templates that will not be. */
export const podSecurity = defineAdmissionPlugin({
  name: 'PodSecurity',
  operations: ['CREATE', 'UPDATE'],
  resources: [
    'namespaces',
    'pods',
    'podtemplates',
    'replicationcontrollers',
    'apps/replicasets',
    'apps/deployments',
    'apps/statefulsets',
    'apps/daemonsets',
    'batch/jobs',
    'batch/cronjobs',
  ],

  validate(attributes, context) {
    const { kind, subresource = '' } = attributes;
    if (kind.plural === 'pods') {
      if (!IGNORED_SUBRESOURCES.includes(subresource)) validatePod(attributes, context);
    } else if (subresource === '') {
      if (kind.plural === 'namespaces') validateNamespace(attributes, context);
      else warnOfTemplate(attributes, context);
    }
    return undefined;
  },
});

function validatePod(attributes: AdmissionAttributes, context: AdmissionContext): void {
  const policy = policyOfNamespace(attributes, context);
  if (policy === undefined) return;
  const draft = objectOf(podKind, attributes);
  if (attributes.old !== undefined && !hasNewImage(draft.spec, (attributes.old as Pod).spec)) return;
  const subject = { metadata: draft.metadata, spec: draft.spec };
  const { enforce } = policy;
  context.annotate?.(ENFORCED_ANNOTATION, levelVersionText(enforce));
  annotateViolations(policy, subject, context);
  const violations = violationsOf(enforce, subject);
  if (violations.length > 0) {
    const fault = `violates PodSecurity "${levelVersionText(enforce)}": ${violationsText(violations)}`;
    throw forbidden({ group: '', resource: 'pods' }, attributes.name, fault);
  }
  warn(policy.warn, subject, context);
}

function warnOfTemplate(attributes: AdmissionAttributes, context: AdmissionContext): void {
  const policy = policyOfNamespace(attributes, context);
  const template = templateOf(attributes.object);
  if (policy === undefined || template?.spec === undefined) return;
  const subject = { metadata: template.metadata, spec: template.spec };
  annotateViolations(policy, subject, context);
  warn(policy.warn, subject, context);
}

/** What the audit log is told and nobody else. */
function annotateViolations({ audit }: SecurityPolicy, subject: Subject, context: AdmissionContext): void {
  if (context.annotate === undefined) return;
  const violations = violationsOf(audit, subject);
  if (violations.length === 0) return;
  const fault = `would violate PodSecurity "${levelVersionText(audit)}": ${violationsText(violations)}`;
  context.annotate(`${ANNOTATION_PREFIX}audit-violations`, fault);
}

function warn(level: LevelVersion, subject: Subject, context: AdmissionContext): void {
  const violations = violationsOf(level, subject);
  if (violations.length === 0) return;
  context.warn(`would violate PodSecurity "${levelVersionText(level)}": ${violationsText(violations)}`);
}

/** `undefined` when the namespace asks for nothing, and nobody is told that. */
function policyOfNamespace(
  { namespace = '', kind }: AdmissionAttributes,
  { reader, annotate }: AdmissionContext,
): SecurityPolicy | undefined {
  const { policy, errors } = policyOf(reader.get(namespaceKind, namespace)?.metadata.labels);
  const isOpen = policy.enforce.level === 'privileged' && policy.warn.level === 'privileged';
  if (annotate === undefined) return isOpen ? undefined : policy;
  if (isOpen && policy.audit.level === 'privileged' && errors.length === 0) {
    if (kind.plural === 'pods') annotate(ENFORCED_ANNOTATION, 'privileged:latest');
    return undefined;
  }
  if (errors.length > 0) annotate(`${ANNOTATION_PREFIX}error`, `Failed to parse policy: ${aggregateMessage(errors)}`);
  return policy;
}

interface Templated {
  readonly template?: Draft<PodTemplateSpec>;
  readonly spec?: {
    readonly template?: Draft<PodTemplateSpec>;
    readonly jobTemplate?: { readonly spec?: { readonly template?: Draft<PodTemplateSpec> } };
  };
}

function templateOf(object: Draft<KubeObject> | undefined): Draft<PodTemplateSpec> | undefined {
  const { template, spec } = (object ?? {}) as Templated;
  return template ?? spec?.template ?? spec?.jobTemplate?.spec?.template;
}

/** Nothing else of a pod that counts can change once it exists. */
function hasNewImage(spec: Draft<PodSpec>, old: PodSpec): boolean {
  const lists = ['containers', 'initContainers'] as const;
  for (const list of lists) {
    const [now, before] = [spec[list] ?? [], old[list] ?? []];
    if (now.length !== before.length || now.some(({ image }, index) => image !== before[index]?.image)) return true;
  }
  const before = new Map((old.ephemeralContainers ?? []).map(({ name, image }) => [name, image]));
  return (spec.ephemeralContainers ?? []).some(({ name, image }) => !before.has(name) || before.get(name) !== image);
}

function validateNamespace(attributes: AdmissionAttributes, context: AdmissionContext): void {
  const draft = objectOf(namespaceKind, attributes);
  const { policy, errors } = policyOf(draft.metadata.labels);
  const before = attributes.old === undefined ? undefined : policyOf(attributes.old.metadata.labels);
  const isKnownFault = JSON.stringify(errors) === JSON.stringify(before?.errors ?? []);
  if (errors.length > 0 && !isKnownFault) throw invalid({ group: '', kind: 'Namespace' }, attributes.name, errors);
  if (before === undefined) return;
  const [enforce, old] = [policy.enforce, before.policy.enforce];
  if (enforce.level === 'privileged' || isSameLevelVersion(enforce, old)) return;
  if (enforce.version === old.version && strictness(enforce.level) <= strictness(old.level)) return;
  for (const text of existingViolations(attributes.name, enforce, context.reader)) context.warn(text);
}

/** What pods that are there already do that the new level does not allow: one text for all that do the same. */
function existingViolations(namespace: string, enforce: LevelVersion, reader: ResourceReader): readonly string[] {
  const pods = prioritized(reader.list(podKind, namespace));
  const byFault = new Map<string, string[]>();
  for (const { metadata, spec } of pods.slice(0, EXISTING_PODS_MAX)) {
    const fault = reasonsText(violationsOf(enforce, { metadata, spec }));
    if (fault === '') continue;
    const names = byFault.get(fault);
    if (names === undefined) byFault.set(fault, [metadata.name]);
    else names.push(metadata.name);
  }
  const warnings: string[] = [];
  if (pods.length > EXISTING_PODS_MAX) {
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${EXISTING_PODS_MAX} of ${pods.length} existing pods`,
    );
  }
  if (byFault.size === 0) return warnings;
  const level = levelVersionText(enforce);
  warnings.push(`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${level}"`);
  return [...warnings, ...[...byFault].map(([fault, names]) => `${namesText(names)}: ${fault}`).sort()];
}

function namesText(names: readonly string[]): string {
  const first = names.reduce((least, name) => (name < least ? name : least));
  if (names.length === 1) return first;
  return names.length === 2 ? `${first} (and 1 other pod)` : `${first} (and ${names.length - 1} other pods)`;
}

/** One pod of each controller first. */
function prioritized(pods: readonly Pod[]): readonly Pod[] {
  const seen = new Set<string>();
  const others: Pod[] = [];
  const first = pods.filter((each) => {
    const owner = each.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
    if (owner === undefined) return true;
    if (seen.has(owner)) {
      others.push(each);
      return false;
    }
    seen.add(owner);
    return true;
  });
  return [...first, ...others];
}
