import type { ServerParts } from '../server-parts.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { node } from '../../kinds/node.js';
import { badRequest, notFound } from '../../machinery/status-error.js';

/** The container that a request means: the named one, or the only one there is. @throws StatusError 400 */
export function containerOf({ metadata, spec }: Pod, wanted = ''): string {
  const { initContainers = [], containers, ephemeralContainers = [] } = spec;
  const [only] = containers;
  if (wanted === '' && only !== undefined && containers.length === 1) return only.name;
  const all = [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name);
  if (wanted === '') {
    const choice = `choose one of: [${all.join(' ')}]`;
    throw badRequest(`a container name must be specified for pod ${metadata.name}, ${choice}`);
  }
  if (!all.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
  return wanted;
}

/** Upstream names the missing node as if it were a pod. @throws StatusError 404 */
export function checkNode({ reader }: ServerParts, { spec: { nodeName = '' } }: Pod): void {
  if (reader.get(node, nodeName) === undefined) throw notFound({ group: '', resource: 'pods' }, nodeName);
}
