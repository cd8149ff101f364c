import type { NodeSelectorTerm } from '../../machinery/api/core-v1.js';
import { labelValueFaults } from '../../machinery/names.js';

const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/arch', 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ['beta.kubernetes.io/os', 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  ['failure-domain.beta.kubernetes.io/region', 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'],
  ['failure-domain.beta.kubernetes.io/zone', 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
  ['beta.kubernetes.io/instance-type', 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'],
  ['app.kubernetes.io/created-by', 'deprecated since v1.9'],
  ['scheduler.alpha.kubernetes.io/preferAvoidPods', 'deprecated since v1.22; use Taints and Tolerations instead'],
  ['node-role.kubernetes.io/master', 'use "node-role.kubernetes.io/control-plane" instead'],
]);

/** What to use instead of a label of nodes; `undefined` for labels that are in use. */
export const deprecatedNodeLabel = (key: string): string | undefined => DEPRECATED.get(key);

/** Invalid values are only warned of where they can do no harm: in preferences. */
export function nodeTermWarnings(path: string, term: NodeSelectorTerm, checksValues: boolean): readonly string[] {
  const warnings: string[] = [];
  for (const [index, { key, values }] of (term.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    const message = deprecatedNodeLabel(key);
    if (message !== undefined) warnings.push(`${at}.key: ${key} is ${message}`);
    if (!checksValues) continue;
    for (const [valueIndex, value] of (values ?? []).entries()) {
      for (const fault of labelValueFaults(value)) {
        warnings.push(`${at}.values[${valueIndex}]: ${value} is invalid, ${fault}`);
      }
    }
  }
  return warnings;
}
