import type { Node, NodeSelector, NodeSelectorTerm, PreferredSchedulingTerm } from '../../machinery/api/core-v1.js';
import { matchesNodeSelectorTerm, matchesNodeSelectorTerms } from '../../machinery/node-selector.js';
import { definePlugin, normalizeByHighest, unresolvable, type Plugin } from '../framework.js';
import { requiredNodeAffinity } from '../required-node-affinity.js';

interface NodeAffinityArgs {
  readonly addedAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
    readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly PreferredSchedulingTerm[];
  };
}

const REFUSED = unresolvable("node(s) didn't match Pod's node affinity/selector");
const ENFORCED = unresolvable("node(s) didn't match scheduler-enforced node affinity");
const CONFLICT = unresolvable('pod affinity terms conflict');

/** Heeds `nodeSelector` and the pod's node affinity: what it requires, and by weight what it prefers. */
export const nodeAffinity = nodeAffinityWith({});

function nodeAffinityWith({ addedAffinity }: NodeAffinityArgs): Plugin {
  const enforced = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const added = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const isAllowed = (node: Node): boolean =>
    enforced === undefined || matchesNodeSelectorTerms(enforced.nodeSelectorTerms, node);
  return definePlugin({
    name: 'NodeAffinity',
    weight: 2,
    retryOn: [
      {
        on: ['Node/Add', 'Node/UpdateLabel'],
        isWorth(pod, { object, previous }) {
          const fits = requiredNodeAffinity(pod);
          if (!isAllowed(object as Node) || fits?.(object as Node) === false) return false;
          return previous === undefined || fits?.(previous as Node) === false;
        },
      },
    ],
    configure: (args) => nodeAffinityWith(args as NodeAffinityArgs),

    filter({ pod }) {
      const fits = requiredNodeAffinity(pod);
      if (fits === undefined && enforced === undefined) return undefined;
      const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      const only = namedNodes(required?.nodeSelectorTerms ?? []);
      if (only?.size === 0) return { rejects: CONFLICT };
      return {
        ...(only === undefined ? {} : { only }),
        ignoresPods: true,
        check({ node }) {
          if (node === undefined) return undefined;
          if (!isAllowed(node)) return ENFORCED;
          return fits?.(node) === false ? REFUSED : undefined;
        },
      };
    },

    score({ pod }) {
      const own = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
      const preferred = added.length === 0 ? own : [...added, ...own];
      if (preferred.length === 0) return undefined;
      return {
        score({ node }) {
          let sum = 0;
          for (const { weight, preference } of preferred) {
            if (node !== undefined && matchesNodeSelectorTerm(preference, node)) sum += weight;
          }
          return sum;
        },
        normalize: (scores) => normalizeByHighest(scores, { reverse: false }),
      };
    },
  });
}

/** The nodes that the terms name by `metadata.name`; `undefined` where a term leaves that open. */
function namedNodes(terms: readonly NodeSelectorTerm[]): ReadonlySet<string> | undefined {
  if (terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const lists = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    const [first, ...rest] = lists.map(({ values = [] }) => values);
    if (first === undefined) return undefined;
    for (const name of first) if (rest.every((values) => values.includes(name))) names.add(name);
  }
  return names;
}
