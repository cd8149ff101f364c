import type { PodSchedulingGate, Toleration, TopologySpreadConstraint } from '../../machinery/api/core-v1.js';
import type { LabelSelector } from '../../machinery/api/meta-v1.js';
import { duplicate, forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { labelValueFaults } from '../../machinery/names.js';
import { checkLabelSelector, checkPositive, checkQualifiedName, isEmpty } from './checks.js';

const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const WHEN_UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];
const NODE_POLICIES = ['Honor', 'Ignore'];

export function checkTolerations(report: Report, path: string, tolerations: readonly Toleration[]): void {
  for (const [index, { key, operator = '', value = '', effect, tolerationSeconds }] of tolerations.entries()) {
    const at = `${path}[${index}]`;
    if (!isEmpty(key)) checkQualifiedName(report, `${at}.key`, key);
    else if (operator !== 'Exists') {
      const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      report(invalid(`${at}.operator`, operator, detail));
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      report(invalid(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    checkTolerationOperator(report, `${at}.operator`, operator, value);
    if (!isEmpty(effect) && !TAINT_EFFECTS.includes(effect)) {
      report(notSupported(`${at}.effect`, effect, TAINT_EFFECTS));
    }
  }
}

/** The comparing operators are known and switched off in 1.35, so they are among the supported ones of the message. */
function checkTolerationOperator(report: Report, path: string, operator: string, value: string): void {
  switch (operator) {
    case 'Equal':
    case '': {
      const faults = labelValueFaults(value);
      if (faults.length > 0) report(invalid(path, value, faults.join(';')));
      return;
    }
    case 'Exists':
      if (value !== '') report(invalid(path, value, "value must be empty when `operator` is 'Exists'"));
      return;
    case 'Lt':
    case 'Gt':
      return report(notSupported(path, operator, ['Equal', 'Exists', 'Lt', 'Gt']));
    default:
      return report(notSupported(path, operator, ['Equal', 'Exists']));
  }
}

export function checkSchedulingGates(report: Report, path: string, gates: readonly PodSchedulingGate[]): void {
  const seen = new Set<string>();
  for (const [index, { name }] of gates.entries()) {
    checkQualifiedName(report, `${path}[${index}]`, name);
    if (seen.has(name)) report(duplicate(`${path}[${index}]`, name));
    seen.add(name);
  }
}

export function checkTopologySpread(
  report: Report,
  path: string,
  constraints: readonly TopologySpreadConstraint[],
): void {
  for (const [index, constraint] of constraints.entries()) {
    const at = `${path}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector, matchLabelKeys = [] } = constraint;
    checkPositive(report, `${at}.maxSkew`, maxSkew);
    if (topologyKey === '') report(required(`${at}.topologyKey`, 'can not be empty'));
    if (!WHEN_UNSATISFIABLE.includes(whenUnsatisfiable)) {
      report(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, WHEN_UNSATISFIABLE));
    }
    const isRepeated = constraints
      .slice(index + 1)
      .some((each) => each.topologyKey === topologyKey && each.whenUnsatisfiable === whenUnsatisfiable);
    if (isRepeated) {
      report(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`));
    }
    checkSpreadPolicies(report, at, constraint);
    checkLabelKeys(report, at, { matchLabelKeys, mismatchLabelKeys: [], labelSelector });
    checkLabelSelector(report, `${at}.labelSelector`, labelSelector);
  }
}

function checkSpreadPolicies(report: Report, path: string, constraint: TopologySpreadConstraint): void {
  const { minDomains, whenUnsatisfiable, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
  if (minDomains !== undefined) {
    checkPositive(report, `${path}.minDomains`, minDomains);
    if (whenUnsatisfiable !== 'DoNotSchedule') {
      const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      report(invalid(`${path}.minDomains`, minDomains, detail));
    }
  }
  if (nodeAffinityPolicy !== undefined && !NODE_POLICIES.includes(nodeAffinityPolicy)) {
    report(notSupported(`${path}.nodeAffinityPolicy`, nodeAffinityPolicy, NODE_POLICIES));
  }
  if (nodeTaintsPolicy !== undefined && !NODE_POLICIES.includes(nodeTaintsPolicy)) {
    report(notSupported(`${path}.nodeTaintsPolicy`, nodeTaintsPolicy, NODE_POLICIES));
  }
}

interface LabelKeys {
  readonly matchLabelKeys: readonly string[];
  readonly mismatchLabelKeys: readonly string[];
  readonly labelSelector: LabelSelector | undefined;
}

/** Keys whose values are taken from the pod's own labels when it is made. */
export function checkLabelKeys(report: Report, path: string, keys: LabelKeys): void {
  const { matchLabelKeys, mismatchLabelKeys, labelSelector } = keys;
  checkKeys(report, `${path}.matchLabelKeys`, matchLabelKeys, labelSelector);
  checkKeys(report, `${path}.mismatchLabelKeys`, mismatchLabelKeys, labelSelector);
  const seen = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const index = matchLabelKeys.lastIndexOf(key);
    if (index >= 0 && seen.has(key)) {
      report(invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'));
    }
    seen.add(key);
  }
  for (const [index, key] of matchLabelKeys.entries()) {
    if (!mismatchLabelKeys.includes(key)) continue;
    report(invalid(`${path}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  }
}

function checkKeys(report: Report, path: string, keys: readonly string[], selector: LabelSelector | undefined): void {
  if (keys.length === 0) return;
  if (selector === undefined) return report(forbidden(path, 'must not be specified when labelSelector is not set'));
  for (const [index, key] of keys.entries()) checkQualifiedName(report, `${path}[${index}]`, key);
}
