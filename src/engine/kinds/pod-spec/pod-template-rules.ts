import type { PodTemplateSpec } from '../../machinery/api/core-v1.js';
import type { LabelSelector } from '../../machinery/api/meta-v1.js';
import { forbidden, invalid, notSupported } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import type { LabelRequirements } from '../../machinery/label-selector.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { labelValueFaults, qualifiedNameFaults } from '../../machinery/names.js';
import { checkAnnotationsMatchFields, checkPodAnnotations } from './annotation-rules.js';
import { sortedMap } from './internal-form.js';
import { checkAnnotations, checkLabels } from './checks.js';
import type { Leniency } from './pod-scope.js';
import { leniencyFor } from './pod-scope.js';
import { checkPodSpec } from './pod-spec-rules.js';

/** The rules of a template on its own. `old` is what stood there before, which may go on breaking newer rules. */
export function checkPodTemplate(
  report: Report,
  path: string,
  { metadata, spec }: PodTemplateSpec,
  old?: PodTemplateSpec,
): void {
  const leniency: Leniency = leniencyFor(old?.spec);
  checkLabels(report, `${path}.labels`, metadata?.labels);
  checkAnnotations(report, `${path}.annotations`, metadata?.annotations);
  const podSpec = spec ?? { containers: [] };
  checkPodAnnotations(report, `${path}.annotations`, metadata?.annotations, podSpec);
  checkPodSpec(report, `${path}.spec`, podSpec, { isPod: false, leniency });
  checkAnnotationsMatchFields(report, `${path}.spec`, metadata?.annotations, podSpec);
  if ((podSpec.ephemeralContainers ?? []).length > 0) {
    report(forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  }
}

/** What a set that keeps its pods running demands of its template; `kind` stands in the message. */
export function checkEndlessTemplate(report: Report, path: string, { spec }: PodTemplateSpec, kind: string): void {
  const { restartPolicy = '', activeDeadlineSeconds } = spec ?? { containers: [] };
  if (restartPolicy !== 'Always') report(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`;
    report(forbidden(`${path}.spec.activeDeadlineSeconds`, detail));
  }
}

/** The selector must select what the template makes. Nothing is reported for a selector that selects all. */
export function checkTemplateMatches(
  report: Report,
  path: string,
  { metadata }: PodTemplateSpec,
  requirements: LabelRequirements,
): void {
  if (requirements.length === 0 || matches(requirements, metadata?.labels)) return;
  report(
    invalid(`${path}.metadata.labels`, sortedMap(metadata?.labels), '`selector` does not match template `labels`'),
  );
}

/** The requirements of a selector, or `undefined` where upstream's parser refuses it. */
export function requirementsOf(selector: LabelSelector | undefined): LabelRequirements | undefined {
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) {
    if (qualifiedNameFaults(key).length > 0 || labelValueFaults(value).length > 0) return undefined;
  }
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const takesValues = operator === 'In' || operator === 'NotIn';
    if (!takesValues && operator !== 'Exists' && operator !== 'DoesNotExist') return undefined;
    if (takesValues === (values.length === 0) || qualifiedNameFaults(key).length > 0) return undefined;
    if (values.some((each) => labelValueFaults(each).length > 0)) return undefined;
  }
  return fromLabelSelector(selector);
}
