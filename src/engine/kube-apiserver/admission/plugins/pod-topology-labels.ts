import { node } from '../../../kinds/node.js';
import { pod } from '../../../kinds/pod.js';
import type { Binding } from '../../../machinery/api/core-v1.js';
import type { Draft } from '../../../machinery/object.js';
import type { ResourceReader } from '../../../machinery/resource-reader.port.js';
import { defineAdmissionPlugin, objectOf } from '../admission.js';

const LABELS: readonly string[] = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** Labels a pod with the zone and the region of the node that it is put on. A Binding's labels become the pod's. */
export const podTopologyLabels = defineAdmissionPlugin({
  name: 'PodTopologyLabels',
  operations: ['CREATE'],
  resources: ['pods'],

  admit(attributes, { reader }) {
    if (attributes.subresource === undefined) {
      const draft = objectOf(pod, attributes);
      copyLabels(draft, draft.spec.nodeName, reader);
    } else if (attributes.subresource === 'binding') {
      const draft = attributes.object as Draft<Binding> | undefined;
      if (draft?.target?.kind === 'Node') copyLabels(draft, draft.target.name, reader);
    }
    return undefined;
  },
});

function copyLabels(
  { metadata }: { readonly metadata: { labels?: Record<string, string> } },
  nodeName: string | undefined,
  reader: ResourceReader,
): void {
  if (nodeName === undefined || nodeName === '') return;
  const labels = reader.get(node, nodeName)?.metadata.labels ?? {};
  for (const key of LABELS) {
    const value = labels[key];
    if (value !== undefined) (metadata.labels ??= {})[key] = value;
  }
}
