/** What the server makes of a pod, or of a template, before it is checked: fields that are switched off in 1.35 go, others are filled. */
import type {
  AppArmorProfile,
  Container,
  EphemeralContainer,
  Pod,
  PodAffinityTerm,
  PodSpec,
  PodTemplateSpec,
} from '../../machinery/api/core-v1.js';
import type { LabelSelector } from '../../machinery/api/meta-v1.js';
import { timestamp } from '../../kernel/clock.js';
import type { StrategyContext } from '../../machinery/kind.js';
import { deepEqual } from '../../machinery/equality.js';
import type { Draft } from '../../machinery/object.js';
import { APP_ARMOR_PREFIX, hasKeyBelow } from './annotation-rules.js';
import { qosClassOf } from './qos-class.js';
import { checkAppArmorProfile } from './security-context-rules.js';

type Labels = Readonly<Record<string, string>>;

export function preparePod(draft: Draft<Pod>, { now }: Pick<StrategyContext, 'now'>): void {
  const { spec, metadata } = draft;
  dropDisabledFields(spec);
  draft.status = { phase: 'Pending', qosClass: qosClassOf(spec) };
  if ((spec.schedulingGates ?? []).length > 0) {
    draft.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        lastTransitionTime: timestamp(now),
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
  }
  const labels = metadata.labels ?? {};
  mergeAffinityKeys(spec, labels);
  for (const { labelSelector, matchLabelKeys } of spec.topologySpreadConstraints ?? []) {
    mergeKeys(labelSelector, matchLabelKeys, { operator: 'In', labels });
  }
  if (metadata.annotations !== undefined) fieldsFromAppArmorAnnotations(spec, metadata.annotations);
}

/** Features that are off by default: their fields are as if they had not been sent, unless they are in use already. */
export function dropDisabledFields(spec: Draft<PodSpec>, old?: PodSpec): void {
  if (spec.workloadRef !== undefined && old?.workloadRef === undefined) delete spec.workloadRef;
  for (const container of spec.containers) dropStopSignal(container);
  for (const container of spec.initContainers ?? []) dropStopSignal(container);
  for (const container of spec.ephemeralContainers ?? []) dropStopSignal(container);
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      if (source.clusterTrustBundle !== undefined) delete source.clusterTrustBundle;
      if (source.podCertificate !== undefined) delete source.podCertificate;
    }
  }
}

export function prepareTemplate(template: Draft<PodTemplateSpec> | undefined, old?: PodTemplateSpec): void {
  if (template?.spec !== undefined) dropDisabledFields(template.spec, old?.spec);
}

function dropStopSignal(container: Draft<Container> | Draft<EphemeralContainer>): void {
  const { lifecycle } = container;
  if (lifecycle?.stopSignal === undefined) return;
  delete lifecycle.stopSignal;
  if (Object.keys(lifecycle).length === 0) delete container.lifecycle;
}

function mergeAffinityKeys({ affinity }: Draft<PodSpec>, labels: Labels): void {
  for (const each of [affinity?.podAffinity, affinity?.podAntiAffinity]) {
    for (const { podAffinityTerm } of each?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      mergeTermKeys(podAffinityTerm, labels);
    }
    for (const term of each?.requiredDuringSchedulingIgnoredDuringExecution ?? []) mergeTermKeys(term, labels);
  }
}

function mergeTermKeys(term: Draft<PodAffinityTerm>, labels: Labels): void {
  mergeKeys(term.labelSelector, term.matchLabelKeys, { operator: 'In', labels });
  mergeKeys(term.labelSelector, term.mismatchLabelKeys, { operator: 'NotIn', labels });
}

/** The pod's own labels under the keys become requirements, so that pods of one revision are counted together. */
function mergeKeys(
  selector: Draft<LabelSelector> | undefined,
  keys: readonly string[] | undefined,
  { operator, labels }: { readonly operator: 'In' | 'NotIn'; readonly labels: Labels },
): void {
  if (selector === undefined || keys === undefined) return;
  for (const key of keys) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (value !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [value] });
  }
}

/** The field replaced the annotation; pods that still use the annotation get the field. */
function fieldsFromAppArmorAnnotations(spec: Draft<PodSpec>, annotations: Labels): void {
  if (spec.os?.name === 'windows' || !hasKeyBelow(annotations, APP_ARMOR_PREFIX)) return;
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    const annotation = annotations[`${APP_ARMOR_PREFIX}${container.name}`];
    if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) continue;
    const profile = appArmorProfileOf(annotation);
    if (profile === undefined || deepEqual(profile, spec.securityContext?.appArmorProfile)) continue;
    container.securityContext = { ...container.securityContext, appArmorProfile: profile };
  }
}

/** `undefined` for a text from which no valid field can be made. */
export function appArmorProfileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (!annotation.startsWith('localhost/')) return undefined;
  const profile: AppArmorProfile = { type: 'Localhost', localhostProfile: annotation.slice('localhost/'.length) };
  let faults = 0;
  checkAppArmorProfile(() => faults++, '', profile);
  return faults === 0 ? profile : undefined;
}
