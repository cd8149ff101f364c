// Mirrors upstream's namespace controller: empties a namespace that is being deleted, pods first, says what is left, and
// lets it go. It leaves out polling: whatever leaves the namespace, or loses a finalizer, brings it back.
import { milliseconds } from '../../kernel/clock.js';
import { WorkQueue } from '../../kernel/work-queue.js';
import type { Client } from '../../client/client.js';
import type { InformerHandler } from '../../client/informer.js';
import { namespace } from '../../kinds/namespace.js';
import { pod } from '../../kinds/pod.js';
import type { Namespace } from '../../machinery/api/core-v1.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { deepEqual } from '../../machinery/equality.js';
import type { StatusError } from '../../machinery/status-error.js';
import type { Controller, ControllerContext, ControllerFigures, RunningController } from '../controller.js';
import { namespaceConditions, type Remains } from '../namespaces/namespace-conditions.js';
import { ownObjects } from '../own-kinds.js';
import { isGone } from '../status-errors.js';

const FINALIZER = 'kubernetes';
/** Objects that leave are gathered so long, so that a full namespace is counted tens of times, not thousands. */
const BATCH_PERIOD = milliseconds(20);

export const namespaceController: Controller = Object.freeze({
  name: 'namespace-controller',
  option: 'namespace-controller',
  serviceAccount: 'namespace-controller',
  start: (context: ControllerContext) => new NamespaceEmptier(context),
});

class NamespaceEmptier implements RunningController {
  readonly #context: ControllerContext;
  readonly #queue: WorkQueue;
  readonly #kinds: readonly Kind[];
  /** Namespaces whose deletes are not all answered yet, and whether to look again after that. */
  readonly #underWay = new Map<string, { isDue: boolean }>();
  #isStopped = false;
  #reconciles = 0;
  #failures = 0;
  #lastError: string | undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = new WorkQueue(context.simulation, (key) => this.#work(key));
    const namespaced = ownObjects(context.settings.kinds).filter(({ scope }) => scope === 'Namespaced');
    this.#kinds = namespaced.filter((kind) => kind !== pod);
    const add = (object: Namespace): void => this.#queue.add(object.metadata.name);
    context.informers.watch(namespace, {
      added: (object) => {
        if (object.metadata.deletionTimestamp !== undefined) add(object);
      },
      modified: (object) => {
        if (object.metadata.deletionTimestamp !== undefined) add(object);
      },
    });
    for (const kind of namespaced) context.informers.watch(kind, this.#contentHandler());
    context.informers.watchCustom({ handlerOf: () => this.#contentHandler() });
  }

  get figures(): ControllerFigures {
    return {
      name: 'namespace-controller',
      queue: this.#queue.figures,
      reconciles: this.#reconciles,
      failures: this.#failures,
      lastError: this.#lastError,
    };
  }

  stop(): void {
    this.#isStopped = true;
    this.#queue.stop();
  }

  #contentHandler(): InformerHandler<KubeObject> {
    return {
      added: (object) => this.#contentChanged(object),
      deleted: (object) => this.#contentChanged(object),
      modified: (object, previous) => {
        if (object.metadata.deletionTimestamp === undefined) return;
        if (!deepEqual(object.metadata.finalizers, previous.metadata.finalizers)) this.#contentChanged(object);
      },
    };
  }

  #contentChanged({ metadata }: KubeObject): void {
    const name = metadata.namespace ?? '';
    const object = this.#context.client.get(namespace, name);
    if (object?.metadata.deletionTimestamp !== undefined) this.#queue.addAfter(name, BATCH_PERIOD);
  }

  #work(key: string): void {
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) {
      underWay.isDue = true;
      return;
    }
    this.#reconciles++;
    const object = this.#context.client.get(namespace, key);
    if (object?.metadata.deletionTimestamp === undefined) return;
    if ((object.spec.finalizers ?? []).length === 0) return;
    const emptying = new Emptying(this.#context.client, key, (remains) => this.#emptied(key, remains));
    this.#underWay.set(key, { isDue: false });
    if (!emptying.empty(pod)) for (const kind of this.#contentKinds()) emptying.empty(kind);
    emptying.finish();
  }

  /** Every delete of the pass is answered: by now, or once admission has heard from outside. */
  #emptied(key: string, remains: Remains): void {
    if (this.#isStopped) return;
    const isDue = this.#underWay.get(key)?.isDue === true;
    this.#underWay.delete(key);
    const object = this.#context.client.get(namespace, key);
    if (object?.metadata.deletionTimestamp === undefined) return;
    if (isDue) this.#queue.add(key);
    this.#tell(object, remains);
    if (remains.errors.length > 0) return this.#retry(key, remains.errors.join(', '));
    this.#queue.forget(key);
    if (remains.resources.size === 0 && remains.isComplete) this.#finalize(key);
  }

  /** All but pods, which go first. */
  #contentKinds(): readonly Kind[] {
    const custom = this.#context.informers.customKinds.filter(({ scope }) => scope === 'Namespaced');
    return [...this.#kinds, ...custom];
  }

  #tell(object: Namespace, remains: Remains): void {
    const { client, simulation } = this.#context;
    const conditions = namespaceConditions(object.status?.conditions ?? [], remains, simulation.now);
    if (conditions === undefined && object.status?.phase === 'Terminating') return;
    const status = { ...object.status, phase: 'Terminating', ...(conditions === undefined ? {} : { conditions }) };
    client.updateStatus(namespace, { ...object, status }, (outcome) =>
      this.#settled(object.metadata.name, outcome.error),
    );
  }

  /** Takes this controller's hold away: without another the namespace is gone. */
  #finalize(key: string): void {
    const { client } = this.#context;
    const latest = client.get(namespace, key);
    if (latest === undefined) return;
    const finalizers = (latest.spec.finalizers ?? []).filter((each) => each !== FINALIZER);
    const { uid, resourceVersion } = latest.metadata;
    const patch = {
      metadata: { uid, resourceVersion },
      spec: { finalizers: finalizers.length === 0 ? null : finalizers },
    };
    client.patchSubresource(namespace, { key, subresource: 'finalize' }, patch, ({ error }) =>
      this.#settled(key, error),
    );
  }

  #settled(key: string, error: StatusError | undefined): void {
    if (error !== undefined && error.code !== 404) this.#retry(key, error.message);
  }

  #retry(key: string, message: string): void {
    this.#failures++;
    this.#lastError = message;
    this.#queue.addRateLimited(key);
  }
}

/** One pass over the content of one namespace. */
class Emptying {
  readonly #client: Client;
  readonly #namespace: string;
  readonly #errors: string[] = [];
  readonly #done: (remains: Remains) => void;
  readonly #kinds: Kind[] = [];
  /** Deletes without an answer, and the pass itself. */
  #unanswered = 1;

  /** `done` is called once, when the pass is finished and every delete answered. */
  constructor(client: Client, name: string, done: (remains: Remains) => void) {
    this.#client = client;
    this.#namespace = name;
    this.#done = done;
  }

  finish(): void {
    this.#answered();
  }

  /** Deletes what is not on its way out yet. Returns whether any object of the kind is left. */
  empty(kind: Kind): boolean {
    const objects = this.#client.list(kind, this.#namespace);
    if (objects.length === 0) return false;
    this.#kinds.push(kind);
    for (const object of objects) {
      if (object.metadata.deletionTimestamp === undefined) this.#delete(kind, object);
    }
    return this.#client.list(kind, this.#namespace).length > 0;
  }

  #delete(kind: Kind, object: KubeObject): void {
    this.#unanswered++;
    this.#client.delete(kind, object, { propagationPolicy: 'Background' }, ({ error }) => {
      if (error !== undefined && !isGone(error)) this.#errors.push(error.message);
      this.#answered();
    });
  }

  #answered(): void {
    this.#unanswered--;
    if (this.#unanswered === 0) this.#done(this.#remains());
  }

  /** What is left of the kinds that were looked at. */
  #remains(): Remains {
    const resources = new Map<string, number>();
    const finalizers = new Map<string, number>();
    let isComplete = true;
    for (const kind of this.#kinds) {
      const left = this.#client.list(kind, this.#namespace);
      if (left.length === 0) continue;
      if (kind === pod) isComplete = false;
      resources.set(`${kind.plural}.${kind.group}`, left.length);
      for (const { metadata } of left) {
        for (const each of metadata.finalizers ?? []) finalizers.set(each, (finalizers.get(each) ?? 0) + 1);
      }
    }
    return { resources, finalizers, errors: this.#errors, isComplete };
  }
}
