import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Service,
} from '../../../src/engine/machinery/api/core-v1.js';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../../src/engine/machinery/api/resource-v1.js';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
} from '../../../src/engine/machinery/api/storage-v1.js';

/** All that there is: nodes, pods with the names of their nodes, the labels of namespaces, services, and storage. */
export interface ModelWorld {
  readonly nodes: readonly Node[];
  readonly placed: readonly Pod[];
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly services: readonly Service[];
  readonly storage: ModelStorage;
  readonly devices: ModelDevices;
}

export interface ModelDevices {
  readonly classes: readonly DeviceClass[];
  readonly slices: readonly ResourceSlice[];
  readonly claims: readonly ResourceClaim[];
}

export interface ModelStorage {
  readonly volumes: readonly PersistentVolume[];
  readonly claims: readonly PersistentVolumeClaim[];
  readonly classes: readonly StorageClass[];
  readonly drivers: readonly CSIDriver[];
  readonly nodes: readonly CSINode[];
  readonly capacities: readonly CSIStorageCapacity[];
  readonly attachments: readonly VolumeAttachment[];
}

export type Labels = Readonly<Record<string, string>>;

/** Why a node does not take a pod. */
export interface Refusal {
  readonly reasons: readonly string[];
  /** Other pods do not matter: none of them has to go. */
  readonly isFinal: boolean;
}

export type Verdict = Refusal | undefined;

/** One plugin's documented rule about a pod and a node. */
export type FilterRule = (world: ModelWorld, pod: Pod, node: Node) => Verdict;

/** Why a plugin sends a pod away before it looks at any node. */
export type ClusterRule = (world: ModelWorld, pod: Pod) => string | undefined;

/** Scores of the given nodes, normalised; `undefined` where the plugin has no say. */
export type ScoreRule = (world: ModelWorld, pod: Pod, nodes: readonly Node[]) => readonly number[] | undefined;

/** The node would do if other pods were gone. */
export const taken = (...reasons: readonly string[]): Refusal => ({ reasons, isFinal: false });

/** The node never does, whatever pods are there. */
export const unfit = (...reasons: readonly string[]): Refusal => ({ reasons, isFinal: true });

export const labelsOf = ({ metadata }: { readonly metadata: { readonly labels?: Labels } }): Labels =>
  metadata.labels ?? {};

export const podsOn = ({ placed }: ModelWorld, { metadata }: Node): readonly Pod[] =>
  placed.filter(({ spec }) => spec.nodeName === metadata.name);
