import type { ClusterSpec } from '../engine/cluster/cluster-spec.js';
import type { Cluster, ClusterImage, ClusterPorts } from '../engine/cluster/cluster.js';

/** How clusters come to be. The composition root binds the engine's own functions. */
export interface ClusterFactory {
  create(spec: ClusterSpec, ports: ClusterPorts): Cluster;
  restore(spec: ClusterSpec, ports: ClusterPorts, image: ClusterImage): Cluster;
}
