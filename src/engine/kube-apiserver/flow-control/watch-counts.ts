import type { AuthorizationAttributes } from '../authorizer.port.js';

type Watched = Pick<AuthorizationAttributes, 'group' | 'resource' | 'namespace' | 'name'>;

/**
 * How many watches a write would wake, as upstream estimates it: those of the whole resource, of the namespace and of the
 * object. Watches of the pods of one node count for nothing, for a write concerns the node of its pod alone.
 */
export class WatchCounts {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** Of all watches: no write wakes more. */
  get total(): number {
    return this.#total;
  }

  /** To be called back once when the watch is over. */
  add(watch: AuthorizationAttributes): () => void {
    if (watch.group === '' && watch.resource === 'pods' && isOfOneNode(watch)) return () => undefined;
    const key = keyOf(watch, watch.namespace, watch.name);
    this.#change(key, 1);
    return () => this.#change(key, -1);
  }

  interestedIn(write: Watched): number {
    const { namespace, name } = write;
    let count = this.#of(keyOf(write, '', ''));
    if (namespace !== '') count += this.#of(keyOf(write, namespace, ''));
    if (name !== '') count += this.#of(keyOf(write, namespace, name));
    return count;
  }

  #of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  #change(key: string, by: number): void {
    const count = this.#of(key) + by;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
    this.#total += by;
  }
}

const keyOf = ({ group, resource }: Watched, namespace: string, name: string): string =>
  `${group}/${resource}/${namespace}/${name}`;

const isOfOneNode = ({ fields = [] }: AuthorizationAttributes): boolean =>
  fields.some(({ field, operator, value }) => field === 'spec.nodeName' && operator === '=' && value !== '');
