import type { Node, Pod } from '../../src/engine/machinery/api/core-v1.js';
import type { PodDisruptionBudget } from '../../src/engine/machinery/api/policy-v1.js';
import type { KubeObject } from '../../src/engine/machinery/object.js';
import type { ArbitraryChoice } from './arbitrary-choice.js';
import { ArbitraryCluster, NAMESPACE_LABELS } from './arbitrary-cluster.js';
import { ArbitraryDevices } from './arbitrary-devices.js';
import { ArbitraryStorage } from './arbitrary-storage.js';
import type { ModelStorage, ModelWorld } from './scheduling-model/model-world.js';
import { TestWorld } from './scheduling-world.js';

const NODES_MAX = 8;

/** One generated world kept twice: in the scheduler's cache, change by change, and as plain lists. */
export class TwinWorlds {
  readonly world = new TestWorld();
  readonly #choice: ArbitraryChoice;
  readonly #cluster: ArbitraryCluster;
  readonly #storage: ArbitraryStorage;
  readonly #devices: ArbitraryDevices;
  readonly #nodes = new Map<string, Node>();
  readonly #placed = new Map<string, Pod>();
  /** Everything else, by kind and name. */
  readonly #objects = new Map<string, KubeObject>();

  constructor(choice: ArbitraryChoice) {
    this.#choice = choice;
    this.#cluster = new ArbitraryCluster(choice);
    const storage = new ArbitraryStorage(choice);
    this.#storage = storage;
    const devices = new ArbitraryDevices(choice);
    this.#devices = devices;
    for (const [name, labels] of Object.entries(NAMESPACE_LABELS)) {
      this.#put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    }
    this.#put(...this.#cluster.services(), ...this.#cluster.budgets());
    this.#put(...storage.classes(), ...storage.drivers(), ...storage.capacities());
    this.#put(...storage.volumes(), ...storage.claims(), ...[0, 1, 2].map((index) => storage.attachment(index)));
    this.#put(...devices.classes(), ...devices.slices(), ...devices.claims());
  }

  get model(): ModelWorld {
    return {
      nodes: this.world.cache.nodes.map(({ name }) => this.#nodes.get(name)!),
      placed: Array.from(this.#placed.values()),
      namespaces: NAMESPACE_LABELS,
      services: this.#list('Service'),
      storage: this.#modelStorage,
      devices: {
        classes: this.#list('DeviceClass'),
        slices: this.#list('ResourceSlice'),
        claims: this.#list('ResourceClaim'),
      },
    };
  }

  get budgets(): readonly PodDisruptionBudget[] {
    return this.#list('PodDisruptionBudget');
  }

  get #modelStorage(): ModelStorage {
    return {
      volumes: this.#list('PersistentVolume'),
      claims: this.#list('PersistentVolumeClaim'),
      classes: this.#list('StorageClass'),
      drivers: this.#list('CSIDriver'),
      nodes: this.#list('CSINode'),
      capacities: this.#list('CSIStorageCapacity'),
      attachments: this.#list('VolumeAttachment'),
    };
  }

  /** A pod that wants a place, with the claims of its own volumes. */
  waitingPod(): Pod {
    const plain = this.#cluster.waitingPod('incoming');
    const pod = this.#choice.isLucky(25) ? this.#devices.demandedBy(plain) : plain;
    for (const object of Array.from(this.#objects.values())) {
      if (object.metadata.name.startsWith('incoming-')) this.#remove(object);
    }
    this.#put(...this.#storage.ownClaims(pod), ...this.#devices.ownClaims(pod));
    return pod;
  }

  changeSomething(step: number): void {
    const names = Array.from(this.#nodes.keys());
    const choice = this.#choice;
    if (names.length === 0 || (names.length < NODES_MAX && choice.isLucky(25))) return this.#setNode(this.#freeName());
    const name = choice.pick(names);
    if (choice.isLucky(8)) return this.#setNode(name);
    if (choice.isLucky(4)) return this.#removeNode(name);
    if (choice.isLucky(15)) return this.#put(choice.isLucky(50) ? this.#storage.claim() : this.#storage.volume());
    if (this.#placed.size > 0 && choice.isLucky(15)) return this.#unplace(choice.pick(Array.from(this.#placed.keys())));
    this.#place(step, name);
  }

  #freeName(): string {
    let index = 0;
    while (this.#nodes.has(`n${index}`)) index++;
    return `n${index}`;
  }

  #setNode(name: string): void {
    const node = this.#cluster.node(name);
    this.world.cache.setNode(node);
    this.#nodes.set(name, node);
    if (this.#choice.isLucky(80)) this.#put(this.#storage.csiNode(name));
  }

  #removeNode(name: string): void {
    this.world.cache.removeNode(name);
    this.#nodes.delete(name);
  }

  #place(step: number, nodeName: string): void {
    const pod = this.#cluster.pod(`p${step}`);
    this.#put(...this.#storage.ownClaims(pod));
    const startTime = `2026-01-01T00:00:${String(step).padStart(2, '0')}Z`;
    const bound = { ...pod, spec: { ...pod.spec, nodeName }, status: { startTime } };
    this.world.cache.addPod(bound, nodeName);
    this.#placed.set(pod.metadata.uid ?? '', bound);
  }

  #unplace(uid: string): void {
    this.world.cache.removePod(uid);
    this.#placed.delete(uid);
  }

  #put(...objects: readonly KubeObject[]): void {
    for (const object of objects) this.#objects.set(keyOf(object), object);
    this.world.objects.put(...objects);
  }

  #remove(object: KubeObject): void {
    this.#objects.delete(keyOf(object));
    this.world.objects.remove(object);
  }

  #list<T extends KubeObject>(kind: string): readonly T[] {
    return Array.from(this.#objects.values()).filter(
      (each) => each.kind === kind,
    ) as readonly KubeObject[] as readonly T[];
  }
}

const keyOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
