import type { Pod, Service } from '../machinery/api/core-v1.js';
import { fromLabelSelector, matches, type LabelRequirements } from '../machinery/label-selector.js';
import type { ResourceReader } from '../machinery/resource-reader.port.js';
import { replicaSet } from '../kinds/replica-set.js';
import { replicationController } from '../kinds/replication-controller.js';
import { service } from '../kinds/service.js';
import { statefulSet } from '../kinds/stateful-set.js';
import { SelectorIndex } from './selector-index.js';

/** Namespaces whose services are kept ready for matching. */
const NAMESPACES_MAX = 256;

interface ServiceSelector {
  readonly labels: Readonly<Record<string, string>>;
  readonly requirements: LabelRequirements;
}

/** Which pods belong together, as upstream's `DefaultSelector` reckons: by the services and the controller of a pod. */
export class WorkloadSelectors {
  readonly #objects: ResourceReader;
  readonly #services = new Map<string, SelectorIndex<ServiceSelector>>();

  constructor(objects: ResourceReader) {
    this.#objects = objects;
  }

  /** Some service of the namespace has changed. */
  servicesChanged(namespace: string): void {
    this.#services.delete(namespace);
  }

  /** Empty where nothing that is known selects the pod. */
  of(pod: Pod): LabelRequirements {
    const { namespace = '', labels = {}, ownerReferences = [] } = pod.metadata;
    const exact: Record<string, string> = {};
    this.#servicesOf(namespace).visit(labels, (each) => {
      if (matches(each.requirements, labels)) Object.assign(exact, each.labels);
    });
    const owner = ownerReferences.find(({ controller }) => controller === true);
    if (owner === undefined) return fromLabelSelector({ matchLabels: exact });
    const key = `${namespace}/${owner.name}`;
    switch (`${owner.apiVersion}/${owner.kind}`) {
      case 'v1/ReplicationController':
        Object.assign(exact, this.#objects.get(replicationController, key)?.spec?.selector);
        return fromLabelSelector({ matchLabels: exact });
      case 'apps/v1/ReplicaSet':
        return joined(exact, this.#objects.get(replicaSet, key)?.spec?.selector);
      case 'apps/v1/StatefulSet':
        return joined(exact, this.#objects.get(statefulSet, key)?.spec?.selector);
      default:
        return fromLabelSelector({ matchLabels: exact });
    }
  }

  #servicesOf(namespace: string): SelectorIndex<ServiceSelector> {
    const known = this.#services.get(namespace);
    if (known !== undefined) return known;
    const index = new SelectorIndex<ServiceSelector>();
    for (const each of this.#objects.list(service, namespace)) {
      const labels = selectorOf(each);
      if (labels === undefined) continue;
      const requirements = fromLabelSelector({ matchLabels: labels });
      index.add(requirements, { labels, requirements });
    }
    if (this.#services.size >= NAMESPACES_MAX) this.#services.clear();
    this.#services.set(namespace, index);
    return index;
  }
}

const selectorOf = ({ spec }: Service): Readonly<Record<string, string>> | undefined => spec?.selector;

function joined(
  exact: Readonly<Record<string, string>>,
  selector: Parameters<typeof fromLabelSelector>[0],
): LabelRequirements {
  const own = selector === undefined ? [] : fromLabelSelector(selector);
  return Object.keys(exact).length === 0 ? own : [...fromLabelSelector({ matchLabels: exact }), ...own];
}
