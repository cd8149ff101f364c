import type { Client, Done } from '../client/client.js';
import type { InformerHandler } from '../client/informer.js';
import type { Duration } from '../kernel/clock.js';
import { WorkQueue } from '../kernel/work-queue.js';
import { deepEqual } from '../machinery/equality.js';
import type { Kind } from '../machinery/kind.js';
import { apiVersionOf, keyOf, type KubeObject } from '../machinery/object.js';
import type { NewObject } from '../machinery/resource-api.port.js';
import { StatusError } from '../machinery/status-error.js';
import type {
  ChangeType,
  ControllerContext,
  ControllerDefinition,
  ControllerFigures,
  ControllerWatch,
  MapContext,
  ReconcileContext,
  RunningController,
} from './controller.js';
import { controllerOf } from './owner-references.js';

/** Runs one controller: watches fill its queue with keys, and each key is reconciled until that succeeds. */
export class ReconcileLoop<T extends KubeObject, State> implements RunningController {
  readonly #definition: ControllerDefinition<T, State>;
  readonly #context: MapContext<State>;
  readonly #queue: WorkQueue;
  readonly #outstanding = new Map<string, number>();
  #reconciles = 0;
  #failures = 0;
  #lastError: string | undefined;

  constructor(definition: ControllerDefinition<T, State>, context: ControllerContext) {
    this.#definition = definition;
    this.#context = { ...context, state: definition.newState?.() as State };
    this.#queue = new WorkQueue(context.simulation, (key) => this.#work(key));
    this.#watchPrimary();
    for (const owned of definition.owns ?? []) {
      this.#watch({
        kind: owned.kind,
        matters: (object, previous) => owned.matters?.(object, previous) ?? true,
        map: (object) => this.#ownerKeys(object),
      });
    }
    for (const watch of definition.watches ?? []) this.#watch(watch);
    const { custom } = definition;
    if (custom === undefined) return;
    context.informers.watchCustom({
      served: (kind) => {
        for (const key of custom.served(kind, this.#context)) this.#queue.add(key);
      },
      handlerOf: (kind) => this.#handlerOf(custom.watch(kind)),
    });
  }

  get figures(): ControllerFigures {
    return {
      name: this.#definition.name,
      queue: this.#queue.figures,
      reconciles: this.#reconciles,
      failures: this.#failures,
      lastError: this.#lastError,
    };
  }

  stop(): void {
    this.#queue.stop();
    this.#outstanding.clear();
  }

  #watchPrimary(): void {
    const definition = this.#definition;
    const { primary } = definition;
    const add = (object: T): void => {
      if (definition.concerns?.(object, this.#context) ?? true) this.#queue.add(keyOf(object));
    };
    this.#context.informers.watch(primary, {
      added: add,
      deleted: (object) => this.#queue.add(keyOf(object)),
      modified: (object, previous) => {
        if (definition.matters?.(object, previous) ?? true) add(object);
      },
    });
  }

  #watch(watch: ControllerWatch<KubeObject, State>): void {
    this.#context.informers.watch(watch.kind, this.#handlerOf(watch));
  }

  #handlerOf(watch: ControllerWatch<KubeObject, State>): InformerHandler<KubeObject> {
    return {
      added: (object) => this.#enqueue(watch, object, 'added'),
      deleted: (object) => this.#enqueue(watch, object, 'deleted'),
      modified: (object, previous) => {
        if (watch.matters !== undefined && !watch.matters(object, previous)) return;
        this.#enqueue(watch, object, 'modified');
        if (watch.asksFormer === true || !hasSameTies(object, previous)) this.#enqueue(watch, previous, 'modified');
      },
    };
  }

  #enqueue(watch: ControllerWatch<KubeObject, State>, object: KubeObject, type: ChangeType): void {
    for (const key of watch.map(object, this.#context, type)) {
      const wait = this.#definition.batchPeriod?.(key, this.#context) ?? (0 as Duration);
      this.#queue.addAfter(key, wait);
    }
  }

  #ownerKeys(object: KubeObject): readonly string[] {
    const { primary } = this.#definition;
    const owner = controllerOf(object);
    if (owner?.kind !== primary.kind || owner.apiVersion !== apiVersionOf(primary)) return NO_KEYS;
    const { namespace } = object.metadata;
    return [primary.scope === 'Cluster' || namespace === undefined ? owner.name : `${namespace}/${owner.name}`];
  }

  #work(key: string): void {
    this.#reconciles++;
    const pass = new Pass(key, this.#context, {
      outstanding: this.#outstanding,
      failed: (error) => this.#fail(key, error),
      retried: () => this.#queue.addRateLimited(key),
      settled: () => this.#queue.forget(key),
    });
    try {
      const again = this.#definition.reconcile(pass, this.#context.client.get(this.#definition.primary, key));
      if (again !== undefined) this.#queue.addAfter(key, again);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      pass.fail(error);
    }
    if (!pass.hasFailed && pass.outstanding === 0) this.#queue.forget(key);
  }

  #fail(key: string, error: StatusError): void {
    this.#failures++;
    this.#lastError = error.message;
    this.#queue.addRateLimited(key);
  }
}

const NO_KEYS: readonly string[] = Object.freeze([]);

/** Whether both lead to the same keys: what an object belongs to is said by its labels and its owners. */
const hasSameTies = ({ metadata }: KubeObject, { metadata: former }: KubeObject): boolean =>
  deepEqual(metadata.labels, former.labels) && deepEqual(metadata.ownerReferences, former.ownerReferences);

interface PassBooks {
  readonly outstanding: Map<string, number>;
  failed(error: StatusError): void;
  retried(): void;
  /** The last outstanding create of the key has succeeded. */
  settled(): void;
}

class Pass<State> implements ReconcileContext<State> {
  readonly key: string;
  readonly client: Client;
  readonly state: State;
  readonly recorder: ControllerContext['recorder'];
  readonly simulation: ControllerContext['simulation'];
  readonly informers: ControllerContext['informers'];
  readonly settings: ControllerContext['settings'];
  readonly #books: PassBooks;
  #hasFailed = false;

  constructor(key: string, context: MapContext<State>, books: PassBooks) {
    this.key = key;
    this.client = context.client.reportingTo((error) => this.fail(error));
    this.state = context.state;
    this.recorder = context.recorder;
    this.simulation = context.simulation;
    this.informers = context.informers;
    this.settings = context.settings;
    this.#books = books;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  get outstanding(): number {
    return this.#books.outstanding.get(this.key) ?? 0;
  }

  create<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string | undefined,
    object: NewObject<T>,
    done?: Done<T>,
  ): void {
    const { outstanding } = this.#books;
    outstanding.set(this.key, this.outstanding + 1);
    this.client.create(kind, namespace, object, (outcome) => {
      const left = this.outstanding - 1;
      if (left > 0) outstanding.set(this.key, left);
      else outstanding.delete(this.key);
      if (done !== undefined) done(outcome);
      else if (outcome.error !== undefined) this.fail(outcome.error);
      if (left <= 0 && !this.#hasFailed) this.#books.settled();
    });
  }

  retry(): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#books.retried();
  }

  /** Several failures of one pass are one failure of its key. */
  fail(error: StatusError): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#books.failed(error);
  }
}
