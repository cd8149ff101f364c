import type { Node, Pod, PodSpec } from '../machinery/api/core-v1.js';
import type { NewObject } from '../machinery/resource-api.port.js';

const CONFIG_HASH = 'kubernetes.io/config.hash';
const CONFIG_MIRROR = 'kubernetes.io/config.mirror';
const CONFIG_SEEN = 'kubernetes.io/config.seen';
const CONFIG_SOURCE = 'kubernetes.io/config.source';

/** A pod that a kubelet runs from a file on its node; the API server gets a mirror of it. */
export interface StaticPod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: Omit<PodSpec, 'nodeName'>;
  /** Stands for the content of the file: 32 hexadecimal digits. */
  readonly hash: string;
}

/** The name of what a static pod is mirrored as: its own, and its node's. */
export const mirrorName = ({ name }: StaticPod, nodeName: string): string => `${name}-${nodeName}`;

export function mirrorPod(file: StaticPod, node: Node, seen: string): NewObject<Pod> {
  const { name, uid } = node.metadata;
  return {
    metadata: {
      name: mirrorName(file, name),
      namespace: file.namespace,
      labels: file.labels,
      annotations: {
        ...file.annotations,
        [CONFIG_HASH]: file.hash,
        [CONFIG_MIRROR]: file.hash,
        [CONFIG_SEEN]: seen,
        [CONFIG_SOURCE]: 'file',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: uid ?? '', controller: true }],
    },
    spec: { ...file.spec, nodeName: name, tolerations: [{ operator: 'Exists', effect: 'NoExecute' }] },
  };
}

/** What names a pod on its node: a static pod outlives its mirrors, so its file's hash does. */
export const podKeyOf = ({ metadata: { annotations, uid = '' } }: Pod): string => annotations?.[CONFIG_MIRROR] ?? uid;

export const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[CONFIG_MIRROR] !== undefined;
