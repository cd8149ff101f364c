import { Client } from '../../src/engine/client/client.js';
import { instant, milliseconds } from '../../src/engine/kernel/clock.js';
import { event } from '../../src/engine/kinds/event.js';
import { namespace } from '../../src/engine/kinds/namespace.js';
import { kinds } from '../../src/engine/kinds/registry.js';
import {
  ControllerManager,
  type ControllerManagerOptions,
} from '../../src/engine/kube-controller-manager/controller-manager.js';
import type { Kind } from '../../src/engine/machinery/kind.js';
import { keyOf, type KubeObject } from '../../src/engine/machinery/object.js';
import type { NewObject } from '../../src/engine/machinery/resource-api.port.js';
import { clusterAdministrator } from '../../src/engine/machinery/user.js';
import { createApiHarness, type Json } from './engine-harness.js';

const PROPAGATION = milliseconds(1);

/**
 * One case of a controller: what there is before it starts, what is done then, and what there is in the end. Objects are
 * named `resource/namespace/name`; a string `@resource/namespace/name` stands for that object's uid. Of an object before,
 * a `deletionTimestamp` says that it is being deleted.
 */
export interface ControllerRow {
  readonly name: string;
  readonly before?: Readonly<Record<string, Json>>;
  /** Done once the controller has seen what there was; virtual seconds may pass in it. */
  act?(world: BareWorld): void;
  /** Virtual seconds that the controller has in the end, 1 unless told otherwise. */
  readonly seconds?: number;
  /** What has to be so of each object; `undefined` of a field or an object says that it is not there. */
  readonly after?: Readonly<Record<string, Json>>;
  /** Everything that was said, as `Kind/name Type Reason: message`, with ` (xN)` behind what was said N times. */
  readonly events?: readonly string[];
}

export type ControllerSetting = Omit<ControllerManagerOptions, 'client' | 'controllers'>;

/** An API server with one controller and nobody else. */
export class BareWorld {
  readonly harness = createApiHarness();
  readonly errors: string[] = [];
  readonly client: Client;

  constructor() {
    const { loop, server } = this.harness;
    this.client = new Client({
      api: server.resources,
      simulation: loop,
      propagation: PROPAGATION,
      user: clusterAdministrator,
      fieldManager: 'test',
      onError: (error) => void this.errors.push(error.message),
    });
    this.client.create(namespace, undefined, { metadata: { name: 'kube-system' }, spec: {} });
  }

  run(count: number): void {
    const { loop } = this.harness;
    loop.run(instant(loop.now + count * 1_000), () => true);
  }

  /** Creates an object, in the state and on its way out as it says. */
  put(path: string, given: Json): void {
    const { kind, key } = placeOf(path);
    const [name, inNamespace] = key.split('/').toReversed() as [string, string | undefined];
    const { status, metadata = {}, ...rest } = this.resolved(given);
    const { deletionTimestamp, ...kept } = metadata;
    this.client.create(kind, inNamespace, { metadata: { name, ...kept }, ...rest } as NewObject<KubeObject>);
    if (status !== undefined) this.client.patchStatus(kind, key, { status });
    if (deletionTimestamp !== undefined) this.remove(path);
  }

  patch(path: string, patch: Json): void {
    const { kind, key } = placeOf(path);
    this.client.patch(kind, key, this.resolved(patch));
  }

  patchStatus(path: string, status: Json): void {
    const { kind, key } = placeOf(path);
    this.client.patchStatus(kind, key, { status: this.resolved(status) });
  }

  remove(path: string, options: { readonly gracePeriodSeconds?: number } = {}): void {
    this.client.delete(placeOf(path).kind, this.found(path), options);
  }

  get(path: string): Json {
    const { kind, key } = placeOf(path);
    return this.client.get(kind, key);
  }

  found(path: string): Json {
    const object = this.get(path);
    if (object === undefined) throw new Error(`there is no ${path}`);
    return object;
  }

  /** The keys of all objects of a resource. */
  keys(plural: string): readonly string[] {
    return this.client.list(kindOf(plural)).map(keyOf).toSorted();
  }

  /** In the order in which they were said first. */
  get events(): readonly string[] {
    return this.client
      .list(event)
      .toSorted((a, b) => timeIn(a.metadata.name).localeCompare(timeIn(b.metadata.name)))
      .map(({ involvedObject: { kind, name }, type, reason, message, count = 1 }) => {
        const times = count > 1 ? ` (x${count})` : '';
        return `${kind ?? ''}/${name ?? ''} ${type ?? ''} ${reason ?? ''}: ${message ?? ''}${times}`;
      });
  }

  /** With uids in place of the names that stand for them. */
  resolved(value: Json): Json {
    if (typeof value === 'string' && value.startsWith('@')) return this.found(value.slice(1)).metadata.uid;
    if (Array.isArray(value)) return value.map((each) => this.resolved(each));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.resolved(each)]));
  }
}

/** Plays every case with only this controller on, and compares the objects that it names and all events. */
export function controllerTable(option: string, rows: readonly ControllerRow[], setting: ControllerSetting = {}): void {
  it.each(rows.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const world = played(option, row, setting);
    expect(world.errors).toEqual([]);
    for (const [path, expected] of Object.entries(row.after ?? {})) {
      const actual = world.get(path);
      const wanted = world.resolved(expected);
      expect({ [path]: wanted === undefined ? actual : pickedLike(actual, wanted) }).toEqual({ [path]: wanted });
    }
    expect(world.events).toEqual(row.events ?? []);
  });
}

function played(option: string, row: ControllerRow, setting: ControllerSetting): BareWorld {
  const world = new BareWorld();
  for (const [path, object] of Object.entries(row.before ?? {})) world.put(path, object);
  const manager = new ControllerManager({ client: world.client, controllers: [option], ...setting });
  manager.start();
  if (row.act !== undefined) {
    world.run(0.1);
    row.act(world);
  }
  world.run(row.seconds ?? 1);
  manager.stop();
  return world;
}

/** An event's name ends with when it was said. */
const timeIn = (name: string): string => name.slice(name.lastIndexOf('.'));

/** Of a value only what the other one has something to say about. */
function pickedLike(actual: Json, pattern: Json): Json {
  if (Array.isArray(pattern) && Array.isArray(actual)) {
    return actual.map((each, index) => (index < pattern.length ? pickedLike(each, pattern[index]) : each));
  }
  const isComparable = typeof pattern === 'object' && pattern !== null && typeof actual === 'object' && actual !== null;
  if (!isComparable || Array.isArray(pattern) || Array.isArray(actual)) return actual;
  return Object.fromEntries(Object.entries(pattern).map(([key, each]) => [key, pickedLike(actual[key], each)]));
}

function placeOf(path: string): { readonly kind: Kind; readonly key: string } {
  const slash = path.indexOf('/');
  return { kind: kindOf(path.slice(0, slash)), key: path.slice(slash + 1) };
}

function kindOf(plural: string): Kind {
  const found = kinds.find((each) => each.plural === plural && each.storedAs === undefined);
  if (found === undefined) throw new Error(`there is no resource ${plural}`);
  return found;
}
