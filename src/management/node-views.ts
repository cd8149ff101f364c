import type { ApiServer } from '../engine/kube-apiserver/api-server.js';
import type { NodeView } from './cluster.view.js';

const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane';
const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** The part of an engine cluster that tells of its nodes. */
interface NodeSource {
  readonly apiServer: ApiServer;
  kubeletState(nodeName: string): 'running' | 'stopped' | undefined;
}

/** The nodes that a kubelet registered and that were not deleted since, by name. */
export function nodeViews(cluster: NodeSource): readonly NodeView[] {
  const { apiServer } = cluster;
  const kind = apiServer.registry.byKind('', 'v1', 'Node');
  const nodes = kind === undefined ? [] : apiServer.resources.list(kind);
  return nodes.map(({ metadata: { name, labels = {} } }) => {
    const zone = labels[ZONE_LABEL];
    return {
      name,
      role: labels[CONTROL_PLANE_LABEL] === undefined ? 'worker' : 'control-plane',
      ...(zone === undefined ? {} : { zone }),
      kubelet: cluster.kubeletState(name) ?? 'stopped',
    };
  });
}
