/** What the type and the traffic policies of a Service say about it. */
import type { Service } from '../../machinery/api/core-v1.js';

export const NO_CLUSTER_IP = 'None';

export const isHeadless = ({ spec: { clusterIPs = [] } }: Service): boolean =>
  clusterIPs.length === 1 && clusterIPs[0] === NO_CLUSTER_IP;

export const needsClusterIP = ({ spec }: Service): boolean => spec.type !== 'ExternalName';

export const isLoadBalancer = ({ spec }: Service): boolean => spec.type === 'LoadBalancer';

export const isExternallyAccessible = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' ||
  spec.type === 'NodePort' ||
  (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);

export const needsHealthCheck = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

/** Whether ports that name no node port are given one. */
export const getsNodePorts = ({ spec }: Service): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

export const mayHaveNodePorts = ({ spec }: Service): boolean =>
  spec.type === 'NodePort' || spec.type === 'LoadBalancer';

export const sameList = (left: readonly unknown[] = [], right: readonly unknown[] = []): boolean =>
  left.length === right.length && left.every((each, index) => each === right[index]);

export const sameClusterIPs = (left: Service, right: Service): boolean =>
  (left.spec.clusterIP ?? '') === (right.spec.clusterIP ?? '') && sameList(left.spec.clusterIPs, right.spec.clusterIPs);

export const nodePortsOf = ({ spec }: Service): readonly number[] =>
  (spec.ports ?? []).map(({ nodePort = 0 }) => nodePort).filter((port) => port !== 0);
