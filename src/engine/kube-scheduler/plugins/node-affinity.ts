import { matchesNodeSelectorTerm, matchesNodeSelectorTerms } from '../../machinery/node-selector.js';
import { definePlugin, normalized, rejection } from '../framework.js';

/** Heeds `nodeSelector` and the pod's node affinity: what it requires, and by weight what it prefers. */
export const nodeAffinity = definePlugin({
  name: 'NodeAffinity',
  retryOn: ['node-added', 'node-updated', 'pod-updated'],
  weight: 2,

  preFilter({ spec }) {
    const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    return spec.nodeSelector === undefined && required === undefined ? 'skip' : undefined;
  },

  filter({ spec }, { node }) {
    if (node === undefined) return undefined;
    const { labels = {} } = node.metadata;
    const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
    const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (selected && (required === undefined || matchesNodeSelectorTerms(required.nodeSelectorTerms, node))) {
      return undefined;
    }
    return rejection("node(s) didn't match Pod's node affinity/selector", { unresolvable: true });
  },

  preScore({ spec }) {
    const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return preferred.length === 0 ? 'skip' : undefined;
  },

  score({ spec }, { node }) {
    const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    let sum = 0;
    for (const { weight, preference } of preferred) {
      if (node !== undefined && matchesNodeSelectorTerm(preference, node)) sum += weight;
    }
    return sum;
  },

  normalize: (scores) => normalized(scores, { reverse: false }),
});
