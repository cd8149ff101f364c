import type { Client, Done } from '../client/client.js';
import type { EventRecorder } from '../client/event-recorder.js';
import type { Duration } from '../kernel/clock.js';
import type { Simulation } from '../kernel/simulation.js';
import type { WorkQueueFigures } from '../kernel/work-queue.js';
import type { Kind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';
import type { NewObject } from '../machinery/resource-api.port.js';
import type { StatusError } from '../machinery/status-error.js';
import type { Credentials } from './credentials.port.js';
import type { NodeHeartbeats } from './heartbeats.port.js';
import type { PodMetrics } from './pod-metrics.port.js';
import { ReconcileLoop } from './reconcile-loop.js';
import type { SharedInformers } from './shared-informers.js';

/** What all controllers of one cluster are told. */
export interface ControllerSettings {
  /** Every kind that the cluster serves: what namespaces hold and what the garbage collector sees. */
  readonly kinds: readonly Kind[];
  readonly heartbeats: NodeHeartbeats;
  /** What pods use; without it there is no metrics API. */
  readonly podMetrics?: PodMetrics | undefined;
  /** PEM of the authority that every namespace is told of; without it, `kube-root-ca.crt` of kube-system is copied. */
  readonly caCertificate: string | undefined;
  /** Without it Secrets get no tokens. */
  readonly credentials: Credentials | undefined;
}

/** What one controller works with; the client and the recorder speak in its own name. */
export interface ControllerContext {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly simulation: Simulation;
  readonly informers: SharedInformers;
  readonly settings: ControllerSettings;
}

export interface ControllerFigures {
  readonly name: string;
  readonly queue: WorkQueueFigures;
  readonly reconciles: number;
  readonly failures: number;
  /** The message of the last failure, as the API server put it. */
  readonly lastError: string | undefined;
}

export interface RunningController {
  readonly figures: ControllerFigures;
  stop(): void;
}

export interface Controller {
  /** The `source.component` of its events. */
  readonly name: string;
  /** What upstream's `--controllers` calls it; controllers that make up one of upstream's share it. */
  readonly option: string;
  /** The account in kube-system that it acts as. */
  readonly serviceAccount: string;
  /** Registers its watches; nothing runs before the informers start. */
  start(context: ControllerContext): RunningController;
}

export interface MapContext<State> extends ControllerContext {
  readonly state: State;
}

/** One pass over one key. Reads show the newest state; a write may settle later, so nothing may depend on its return. */
export interface ReconcileContext<State> extends MapContext<State> {
  readonly key: string;
  /** Creates of this key that have not settled: what they make must not be made again. */
  readonly outstanding: number;
  /** A create that is remembered as outstanding until it settles. `done` takes its failure over; call `fail` to retry. */
  create<T extends KubeObject>(
    kind: Kind<T>,
    namespace: string | undefined,
    object: NewObject<T>,
    done?: Done<T>,
  ): void;
  /** Has the key worked on again, later with each failure. Every write without a `done` of its own does this. */
  fail(error: StatusError): void;
  /** The same where something is in the way that no error of the API says. */
  retry(): void;
}

export type ChangeType = 'added' | 'modified' | 'deleted';

export interface ControllerWatch<T extends KubeObject, State> {
  readonly kind: Kind<T>;
  /** Whether a change can matter; most changes of a busy kind do not. */
  matters?(object: T, previous: T): boolean;
  /** Whether other fields than labels and owners say which keys to work on. */
  readonly asksFormer?: boolean;
  /** The keys to work on. Of a change of what says them, asked for both the new and the former object. */
  map(object: T, context: MapContext<State>, type: ChangeType): readonly string[];
}

/** A controller that works on one key at a time: what changed only says which keys to look at. */
export interface ControllerDefinition<T extends KubeObject, State> {
  readonly name: string;
  /** What upstream's `--controllers` calls it; its name unless given. */
  readonly option?: string;
  readonly serviceAccount?: string;
  /** Keys are those of this kind's objects. */
  readonly primary: Kind<T>;
  /** Whether a change of a primary object can matter. */
  matters?(object: T, previous: T): boolean;
  /** Whether a new or changed primary object needs a look at all; every one does unless told otherwise. */
  concerns?(object: T, context: MapContext<State>): boolean;
  /** Kinds whose objects lead back to the primary object that controls them. */
  readonly owns?: readonly OwnedKind[];
  readonly watches?: readonly ControllerWatch<KubeObject, State>[];
  /** For every kind that the cluster defines itself. */
  readonly custom?: CustomKindsWatch<State>;
  /** How long changes of other kinds are gathered before one pass answers them all; at once unless given. */
  batchPeriod?(key: string, context: MapContext<State>): Duration;
  newState?(): State;
  /** `object` is undefined when there is none (any more). Returns when to look again although nothing changes. */
  reconcile(context: ReconcileContext<State>, object: T | undefined): Duration | undefined;
}

export interface CustomKindsWatch<State> {
  watch(kind: Kind): ControllerWatch<KubeObject, State>;
  /** The keys to work on when the kind begins to be served. */
  served(kind: Kind, context: MapContext<State>): readonly string[];
}

export interface OwnedKind<T extends KubeObject = KubeObject> {
  readonly kind: Kind<T>;
  matters?(object: T, previous: T): boolean;
}

export const defineController = <T extends KubeObject, State = undefined>(
  definition: ControllerDefinition<T, State>,
): Controller =>
  Object.freeze({
    name: definition.name,
    option: definition.option ?? definition.name,
    serviceAccount: definition.serviceAccount ?? definition.name,
    start: (context: ControllerContext) => new ReconcileLoop(definition, context),
  });

/** A watch of one kind, typed by that kind. */
export const watching = <T extends KubeObject, State>(
  watch: ControllerWatch<T, State>,
): ControllerWatch<KubeObject, State> => watch;
