import { kinds } from '../kinds/registry.js';
import type { DocumentSupplies } from '../kube-apiserver/openapi/document-supplies.port.js';
import { SharedParts } from '../kube-apiserver/shared-parts.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import type { ClusterSpec } from './cluster-spec.js';
import type { Cluster, ClusterImage, ClusterPorts } from './cluster.js';
import { BootstrapTemplates } from './bootstrap/bootstrap-templates.js';
import { createCluster, restoreCluster } from './create-cluster.js';

/** Makes the clusters of one process, which share all that is the same in every cluster: kinds, schemas, documents. */
export interface ClusterFactory {
  create(spec: ClusterSpec, ports: ClusterPorts): Cluster;
  restore(spec: ClusterSpec, ports: ClusterPorts, image: ClusterImage): Cluster;
}

/** Without `supplies`, OpenAPI has no descriptions. */
export function clusterFactory(text: TextCodec, supplies?: DocumentSupplies): ClusterFactory {
  const shared = new SharedParts(kinds, text, { supplies });
  const common = { shared, templates: new BootstrapTemplates(shared.ownership) };
  return Object.freeze({
    create: (spec: ClusterSpec, ports: ClusterPorts) => createCluster({ ...common, spec, ports }),
    restore: (spec: ClusterSpec, ports: ClusterPorts, image: ClusterImage) =>
      restoreCluster({ ...common, spec, ports }, image),
  });
}
