import { AssumedVolumes } from '../../src/engine/kube-scheduler/assumed-volumes.js';
import { AssumedDevices } from '../../src/engine/kube-scheduler/devices/assumed-devices.js';
import { FilterRun } from '../../src/engine/kube-scheduler/filter-run.js';
import type { Cycle, Plugin, SchedulingWorld } from '../../src/engine/kube-scheduler/framework.js';
import { Nominator } from '../../src/engine/kube-scheduler/nominator.js';
import type { NodeInfo } from '../../src/engine/kube-scheduler/node-info.js';
import { podInfo } from '../../src/engine/kube-scheduler/pod-info.js';
import { SchedulerCache } from '../../src/engine/kube-scheduler/scheduler-cache.js';
import { WorkloadSelectors } from '../../src/engine/kube-scheduler/workload-selectors.js';
import type { Node, Pod, PodSpec } from '../../src/engine/machinery/api/core-v1.js';
import type { Kind } from '../../src/engine/machinery/kind.js';
import { keyOf, type KubeObject } from '../../src/engine/machinery/object.js';
import type { Index, ResourceReader } from '../../src/engine/machinery/resource-reader.port.js';

/** Objects in a map, read as the API server's are. */
class ObjectMap implements ResourceReader {
  readonly #objects = new Map<string, KubeObject>();

  put(...objects: readonly KubeObject[]): void {
    for (const object of objects) this.#objects.set(`${object.kind} ${keyOf(object)}`, object);
  }

  remove(object: KubeObject): void {
    this.#objects.delete(`${object.kind} ${keyOf(object)}`);
  }

  get<T extends KubeObject>(kind: Kind<T>, key: string): T | undefined {
    return this.#objects.get(`${kind.kind} ${key}`) as T | undefined;
  }

  list<T extends KubeObject>(kind: Kind<T>, namespace?: string): readonly T[] {
    const isMeant = ({ kind: name, metadata }: KubeObject): boolean =>
      name === kind.kind && (namespace === undefined || metadata.namespace === namespace);
    return Array.from(this.#objects.values()).filter(isMeant) as unknown as readonly T[];
  }

  indexed<T extends KubeObject>(kind: Kind<T>, index: Index<T>, key: string): readonly T[] {
    return this.list(kind).filter((object) => index.keysOf(object).includes(key));
  }
}

/** What scheduler plugins see, built by hand. */
export class TestWorld implements SchedulingWorld {
  readonly cache = new SchedulerCache();
  readonly objects = new ObjectMap();
  readonly selectors = new WorkloadSelectors(this.objects);
  readonly volumes = new AssumedVolumes(this.objects);
  readonly devices = new AssumedDevices(this.objects);
  readonly nominator = new Nominator();

  constructor(nodes: readonly Node[] = []) {
    for (const node of nodes) this.cache.setNode(node);
  }

  place(nodeName: string, ...pods: readonly Pod[]): this {
    for (const pod of pods) this.cache.addPod({ ...pod, spec: { ...pod.spec, nodeName } }, nodeName);
    return this;
  }

  node(name: string): NodeInfo {
    const info = this.cache.node(name);
    if (info === undefined) throw new Error(`no node ${name}`);
    return info;
  }

  cycle(pod: Pod): Cycle {
    const { cache, objects, selectors, volumes, devices } = this;
    return { cache, objects, selectors, volumes, devices, pod, info: podInfo(pod) };
  }

  run(pod: Pod, plugins: readonly Plugin[]): FilterRun {
    return new FilterRun(this.cycle(pod), this.nominator, plugins);
  }

  /** What the plugin says of the pod on that node: the reasons, or nothing. */
  verdict(plugin: Plugin, pod: Pod, nodeName: string): readonly string[] | undefined {
    const run = this.run(pod, [plugin]);
    return (run.everywhere?.rejection ?? run.test(this.node(nodeName)))?.reasons;
  }

  /** The plugin's scores of all nodes by name, as they are before or after they are normalised; `undefined` where it has none. */
  scores(plugin: Plugin, pod: Pod, form: 'raw' | 'normal' = 'normal'): Record<string, number> | undefined {
    const { nodes } = this.cache;
    const scorer = plugin.score?.(this.cycle(pod), nodes);
    if (scorer === undefined) return undefined;
    const scores = nodes.map((node) => scorer.score(node));
    if (form === 'normal') scorer.normalize?.(scores, nodes);
    return Object.fromEntries(nodes.map(({ name }, index) => [name, scores[index] ?? NaN]));
  }
}

export interface NodeParts {
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Node['spec'];
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly images?: NonNullable<Node['status']>['images'];
}

const ALLOCATABLE = { cpu: '4', memory: '8Gi', pods: '110' };

export const nodeOf = (name: string, parts: NodeParts = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...parts.labels } },
  spec: parts.spec ?? {},
  status: {
    allocatable: parts.allocatable ?? ALLOCATABLE,
    ...(parts.images === undefined ? {} : { images: parts.images }),
  },
});

export interface PodParts {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly requests?: Readonly<Record<string, string>>;
  readonly spec?: Partial<PodSpec>;
}

export const podOf = (name: string, { namespace = 'default', labels = {}, requests, spec }: PodParts = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: `${namespace}/${name}`, labels },
  spec: { containers: [{ name: 'app', ...(requests === undefined ? {} : { resources: { requests } }) }], ...spec },
});
