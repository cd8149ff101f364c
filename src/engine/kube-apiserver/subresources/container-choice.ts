import type { Pod } from '../../machinery/api/core-v1.js';
import { badRequest } from '../../machinery/status-error.js';

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
