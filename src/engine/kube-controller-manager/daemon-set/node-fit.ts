import type { DaemonSet } from '../../machinery/api/apps-v1.js';
import type { Affinity, Node, PodSpec, PodTemplateSpec, Toleration } from '../../machinery/api/core-v1.js';
import { matchesNodeSelectorTerms } from '../../machinery/node-selector.js';
import { tolerates } from '../taints.js';

const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';
const GENERATION_LABEL = 'pod-template-generation';
export const HASH_LABEL = 'controller-revision-hash';

const forever = (name: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect,
});

/** What ails a node must not drive its daemons away. */
const TOLERATIONS: readonly Toleration[] = Object.freeze([
  forever('not-ready', 'NoExecute'),
  forever('unreachable', 'NoExecute'),
  forever('disk-pressure', 'NoSchedule'),
  forever('memory-pressure', 'NoSchedule'),
  forever('pid-pressure', 'NoSchedule'),
  forever('unschedulable', 'NoSchedule'),
]);
const HOST_NETWORK_TOLERATION = Object.freeze(forever('network-unavailable', 'NoSchedule'));

export interface NodeFit {
  readonly shouldRun: boolean;
  /** Whether a pod that is there may stay. */
  readonly shouldContinue: boolean;
}

const UNFIT: NodeFit = Object.freeze({ shouldRun: false, shouldContinue: false });

export function fitOf(set: DaemonSet, node: Node): NodeFit {
  const { spec } = set.spec.template;
  if (spec === undefined || !selects(spec, node)) return UNFIT;
  const tolerations = tolerationsOf(spec);
  const untolerated = (node.spec.taints ?? []).filter((taint) => !tolerations.some((each) => tolerates(each, taint)));
  const repels = untolerated.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
  return { shouldRun: !repels, shouldContinue: !untolerated.some(({ effect }) => effect === 'NoExecute') };
}

function selects({ nodeName = '', nodeSelector = {}, affinity }: PodSpec, node: Node): boolean {
  const { labels = {}, name } = node.metadata;
  if (nodeName !== '' && nodeName !== name) return false;
  if (!Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelectorTerms(required.nodeSelectorTerms, node);
}

/** Those of the template, with the daemons' own in place of those that are about the same. */
function tolerationsOf({ tolerations = [], hostNetwork }: PodSpec): readonly Toleration[] {
  const wanted = hostNetwork === true ? [...TOLERATIONS, HOST_NETWORK_TOLERATION] : TOLERATIONS;
  const isSame = (a: Toleration, b: Toleration): boolean =>
    a.key === b.key &&
    (a.effect ?? '') === (b.effect ?? '') &&
    (a.operator ?? '') === (b.operator ?? '') &&
    (a.value ?? '') === (b.value ?? '');
  const replaced = tolerations.map((each) => wanted.find((own) => isSame(own, each)) ?? each);
  return [...replaced, ...wanted.filter((own) => !replaced.includes(own))];
}

/** The template of a pod that is to run on the node. */
export function templateFor(set: DaemonSet, hash: string, nodeName: string): PodTemplateSpec {
  const { metadata, spec = { containers: [] } } = set.spec.template;
  const generation = generationOf(set);
  const labels = { ...metadata?.labels, ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }) };
  return {
    metadata: { ...metadata, labels: { ...labels, [HASH_LABEL]: hash } },
    spec: { ...spec, tolerations: tolerationsOf(spec), affinity: boundTo(nodeName, spec.affinity) },
  };
}

/** The number that old clients count templates by. */
export function generationOf({ metadata }: DaemonSet): string | undefined {
  const text = metadata.annotations?.[GENERATION_ANNOTATION];
  return text !== undefined && /^[+-]?\d+$/.test(text) ? `${Number(text)}` : undefined;
}

export const isUpdated = (
  labels: Readonly<Record<string, string>> | undefined,
  hash: string,
  generation: string | undefined,
): boolean => labels?.[HASH_LABEL] === hash || (generation !== undefined && labels?.[GENERATION_LABEL] === generation);

const boundTo = (nodeName: string, affinity: Affinity | undefined): Affinity => ({
  ...affinity,
  nodeAffinity: {
    ...affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }],
    },
  },
});
