import type { StatefulSet, StatefulSetSpec } from '../../machinery/api/apps-v1.js';
import type { PodSpec, PodTemplateSpec, Volume } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { checkPodAnnotations } from './annotation-rules.js';
import {
  checkAnnotations,
  checkDnsLabel,
  checkLabels,
  checkLabelSelector,
  checkNonNegative,
  isEmpty,
} from './checks.js';
import { checkClaimSpec } from './claim-template-rules.js';
import { internalForm } from './internal-form.js';
import { checkEndlessTemplate, checkPodTemplate, checkTemplateMatches, requirementsOf } from './pod-template-rules.js';
import { withField } from './with-field.js';
import { amountOf, checkAtMost100Percent, checkIntOrPercent, isEmptySelector } from './workload-rules.js';

const RETENTION_POLICIES = ['Retain', 'Delete'];
const NO_SPEC: PodSpec = Object.freeze({ containers: [] });
/** Everything else of a stateful set's spec is settled when it is made. */
const UPDATABLE = [
  'replicas',
  'template',
  'updateStrategy',
  'minReadySeconds',
  'ordinals',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
] as const;
const FORBIDDEN_CHANGE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** What an update need not repeat: parts that cannot change any more, and a template that was faulty before. */
interface Skipped {
  readonly settled: boolean;
  readonly template: boolean;
}

export const checkStatefulSet = (report: Report, { spec }: StatefulSet): void =>
  checkSpec(report, spec, { settled: false, template: false });

export function checkStatefulSetUpdate(report: Report, { spec }: StatefulSet, { spec: old }: StatefulSet): void {
  let faults = 0;
  checkSpec(() => faults++, old, { settled: true, template: false });
  checkSpec(report, spec, { settled: true, template: faults > 0 });
  const settled = (of: StatefulSetSpec): object => {
    const rest: Record<string, unknown> = { ...of };
    for (const field of UPDATABLE) delete rest[field];
    return rest;
  };
  if (!deepEqual(settled(spec), settled(old))) report(forbidden('spec', FORBIDDEN_CHANGE));
}

function checkSpec(report: Report, spec: StatefulSetSpec, skipped: Skipped): void {
  const { podManagementPolicy, serviceName, ordinals } = spec;
  if (isEmpty(podManagementPolicy)) report(required('spec.podManagementPolicy'));
  else if (podManagementPolicy !== 'OrderedReady' && podManagementPolicy !== 'Parallel') {
    report(invalid('spec.podManagementPolicy', podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"));
  }
  checkUpdateStrategy(report, spec);
  const retention = 'spec.persistentVolumeClaimRetentionPolicy';
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    const policy = spec.persistentVolumeClaimRetentionPolicy?.[field];
    if (policy === undefined || RETENTION_POLICIES.includes(policy)) continue;
    report(notSupported(`${retention}.${field}`, policy, RETENTION_POLICIES));
  }
  if (!skipped.settled) {
    for (const [index, claim] of (spec.volumeClaimTemplates ?? []).entries()) {
      checkClaimSpec(report, `spec.volumeClaimTemplates[${index}].spec`, claim.spec);
    }
  }
  checkNonNegative(report, 'spec.replicas', spec.replicas);
  checkNonNegative(report, 'spec.minReadySeconds', spec.minReadySeconds);
  checkNonNegative(report, 'spec.ordinals.start', ordinals?.start);
  if (!skipped.settled && !isEmpty(serviceName)) checkDnsLabel(report, 'spec.serviceName', serviceName);
  checkSelectorAndTemplate(report, spec, skipped);
  checkEndlessTemplate(report, 'spec.template', spec.template, 'StatefulSet');
}

function checkUpdateStrategy(report: Report, { updateStrategy = {} }: StatefulSetSpec): void {
  const { type, rollingUpdate } = updateStrategy;
  const path = 'spec.updateStrategy';
  if (isEmpty(type)) return report(required(path));
  if (type === 'OnDelete') {
    if (rollingUpdate === undefined) return;
    const value = internalForm('RollingUpdateStatefulSetStrategy', rollingUpdate);
    return report(invalid(`${path}.rollingUpdate`, value, "only allowed for updateStrategy 'RollingUpdate'"));
  }
  if (type !== 'RollingUpdate') {
    const value = internalForm('StatefulSetUpdateStrategy', updateStrategy);
    return report(invalid(path, value, "must be 'RollingUpdate' or 'OnDelete'"));
  }
  checkNonNegative(report, `${path}.rollingUpdate.partition`, rollingUpdate?.partition);
  const maximum = rollingUpdate?.maxUnavailable;
  if (maximum === undefined) return;
  const at = `${path}.rollingUpdate.maxUnavailable`;
  checkIntOrPercent(report, at, maximum);
  if (amountOf(maximum) === 0) report(invalid(at, maximum, 'cannot be 0'));
  checkAtMost100Percent(report, at, maximum);
}

function checkSelectorAndTemplate(report: Report, spec: StatefulSetSpec, skipped: Skipped): void {
  const selector = spec.selector as StatefulSetSpec['selector'] | undefined;
  if (selector === undefined) report(required('spec.selector'));
  else {
    checkLabelSelector(report, 'spec.selector', selector);
    if (isEmptySelector(selector)) {
      report(invalid('spec.selector', selector, 'empty selector is invalid for statefulset'));
    }
  }
  const requirements = requirementsOf(selector);
  if (requirements === undefined) return report(invalid('spec.selector', selector, ''));
  const template = templateOf(spec);
  checkTemplateMatches(report, 'spec.template', template, requirements);
  if (!skipped.template) checkPodTemplate(report, 'spec.template', template);
  const { labels, annotations } = template.metadata ?? {};
  checkLabels(report, 'spec.template.labels', labels);
  checkAnnotations(report, 'spec.template.annotations', annotations);
  checkPodAnnotations(report, 'spec.template.annotations', annotations, template.spec ?? NO_SPEC);
}

/** The template as its pods will be: with the set's claims for volumes, and named by the controller. */
function templateOf({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const spec = withField(withField(template.spec ?? NO_SPEC, 'subdomain', undefined), 'hostname', undefined);
  if (volumeClaimTemplates.length === 0) return { ...template, spec };
  const claims = volumeClaimTemplates.map(({ metadata: { name } }): Volume => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }));
  const others = (spec.volumes ?? []).filter(({ name }) => !claims.some((each) => each.name === name));
  return { ...template, spec: { ...spec, volumes: [...claims, ...others] } };
}
