import type {
  Affinity,
  NodeAffinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from '../../machinery/api/core-v1.js';
import { forbidden, invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123LabelFaults, dns1123SubdomainFaults, labelValueFaults } from '../../machinery/names.js';
import { checkLabelSelector, checkQualifiedName, reportFaults } from './checks.js';
import type { Leniency } from './pod-scope.js';
import { checkLabelKeys } from './scheduling-rules.js';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const WEIGHT_MAX = 100;

export function checkAffinity(report: Report, path: string, affinity: Affinity, leniency: Leniency): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity !== undefined) checkNodeAffinity(report, `${path}.nodeAffinity`, nodeAffinity);
  if (podAffinity !== undefined) checkPodAffinity(report, `${path}.podAffinity`, podAffinity, leniency);
  if (podAntiAffinity !== undefined) checkPodAffinity(report, `${path}.podAntiAffinity`, podAntiAffinity, leniency);
}

function checkNodeAffinity(report: Report, path: string, affinity: NodeAffinity): void {
  const terms = affinity[REQUIRED]?.nodeSelectorTerms;
  if (affinity[REQUIRED] !== undefined) {
    const at = `${path}.${REQUIRED}.nodeSelectorTerms`;
    if ((terms ?? []).length === 0) report(required(at, 'must have at least one node selector term'));
    for (const [index, term] of (terms ?? []).entries()) {
      checkNodeSelectorTerm(report, `${at}[${index}]`, term, false);
    }
  }
  for (const [index, { weight, preference }] of (affinity[PREFERRED] ?? []).entries()) {
    const at = `${path}.${PREFERRED}[${index}]`;
    checkWeight(report, `${at}.weight`, weight);
    checkNodeSelectorTerm(report, `${at}.preference`, preference, true);
  }
}

export function checkNodeSelectorTerm(
  report: Report,
  path: string,
  { matchExpressions, matchFields }: NodeSelectorTerm,
  allowsInvalidValues: boolean,
): void {
  for (const [index, each] of (matchExpressions ?? []).entries()) {
    checkExpression(report, `${path}.matchExpressions[${index}]`, each, allowsInvalidValues);
  }
  for (const [index, each] of (matchFields ?? []).entries()) {
    checkField(report, `${path}.matchFields[${index}]`, each);
  }
}

function checkExpression(
  report: Report,
  path: string,
  { key, operator, values = [] }: NodeSelectorRequirement,
  allowsInvalidValues: boolean,
): void {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        report(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        report(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) {
        report(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      }
      break;
    default:
      report(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  }
  checkQualifiedName(report, `${path}.key`, key);
  if (allowsInvalidValues) return;
  for (const [index, value] of values.entries()) {
    reportFaults(report, `${path}.values[${index}]`, value, labelValueFaults(value));
  }
}

/** The name is the only field of a node that can be selected. */
function checkField(report: Report, path: string, { key, operator, values = [] }: NodeSelectorRequirement): void {
  if (operator !== 'In' && operator !== 'NotIn') {
    report(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  } else if (values.length !== 1) {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    report(required(`${path}.values`, detail));
  }
  if (key !== 'metadata.name') return report(invalid(`${path}.key`, key, 'not a valid field selector key'));
  for (const [index, value] of values.entries()) {
    reportFaults(report, `${path}.values[${index}]`, value, dns1123SubdomainFaults(value));
  }
}

function checkPodAffinity(report: Report, path: string, affinity: PodAffinity, leniency: Leniency): void {
  for (const [index, term] of (affinity[REQUIRED] ?? []).entries()) {
    checkPodTerm(report, `${path}.${REQUIRED}[${index}]`, term, leniency);
  }
  for (const [index, { weight, podAffinityTerm }] of (affinity[PREFERRED] ?? []).entries()) {
    const at = `${path}.${PREFERRED}[${index}]`;
    checkWeight(report, `${at}.weight`, weight);
    checkPodTerm(report, `${at}.podAffinityTerm`, podAffinityTerm, leniency);
  }
}

function checkPodTerm(report: Report, path: string, term: PodAffinityTerm, { selectorValues }: Leniency): void {
  const { labelSelector, namespaceSelector, namespaces, topologyKey } = term;
  const leniency = { allowsInvalidValues: selectorValues };
  checkLabelSelector(report, `${path}.labelSelector`, labelSelector, leniency);
  checkLabelSelector(report, `${path}.namespaceSelector`, namespaceSelector, leniency);
  for (const name of namespaces ?? []) reportFaults(report, `${path}.namespace`, name, dns1123LabelFaults(name));
  const { matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  checkLabelKeys(report, path, { matchLabelKeys, mismatchLabelKeys, labelSelector });
  if (topologyKey === '') report(required(`${path}.topologyKey`, 'can not be empty'));
  checkQualifiedName(report, `${path}.topologyKey`, topologyKey);
}

function checkWeight(report: Report, path: string, weight: number): void {
  if (weight <= 0 || weight > WEIGHT_MAX) report(invalid(path, weight, `must be in the range 1-${WEIGHT_MAX}`));
}
