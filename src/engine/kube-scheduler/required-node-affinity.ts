import type { Node, Pod } from '../machinery/api/core-v1.js';
import { matchesNodeSelectorTerms } from '../machinery/node-selector.js';

/** What a pod demands of its node by `nodeSelector` and node affinity; `undefined` where it demands nothing. */
export function requiredNodeAffinity({ spec }: Pod): ((node: Node) => boolean) | undefined {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const selector = Object.entries(spec.nodeSelector ?? {});
  if (required === undefined && selector.length === 0) return undefined;
  return (node) => {
    const { labels = {} } = node.metadata;
    if (!selector.every(([key, value]) => labels[key] === value)) return false;
    return required === undefined || matchesNodeSelectorTerms(required.nodeSelectorTerms, node);
  };
}
