import type { CommitRecord, Cluster, ClusterImage, ClusterPorts } from '../engine/cluster/cluster.js';
import { Bag } from '../engine/kernel/bag.js';
import { after, type Duration, type Instant } from '../engine/kernel/clock.js';
import type { ObjectWatchSink } from '../engine/kube-apiserver/watch/object-watch.js';
import type { WireCall, WireReply, WireRequest } from '../engine/kube-apiserver/wire.js';
import { StatusError } from '../engine/machinery/status-error.js';
import { anchorAt, instantAt, wallAt, type ClockAnchor } from './cluster-clock.js';
import {
  ClockNotPausedError,
  ClusterGoneError,
  ClusterStoppedError,
  statusOf,
  TooManyWaitingError,
} from './cluster-errors.js';
import type { ClockSettings, ClusterIdentity, ClusterState } from './cluster-settings.js';
import type { Boot } from './boot.js';
import type { Advance, Input } from './cluster-inputs.js';
import type { CommitContext } from './commit-codec.js';
import { CommitJournal, type JournalSource } from './commit-journal.js';
import type { CommitLog } from './commit-log.port.js';
import { DurabilityGate } from './durability-gate.js';
import type { ClusterEntrance } from './entering-connection.js';
import { Exchange } from './exchange.js';
import { ObjectExchange, type EventSink } from './object-exchange.js';
import type { Pump, PumpTask } from './pump.js';
import { textCodec } from './text-codec.js';
import { watchObjects, type ObjectsToWatch } from './watched-objects.js';
import type { WallClock } from './wall-clock.js';

/** How much that is due already may run before a request that finds its cluster at rest. */
const CATCH_UP_MS = 1;
/** Inputs that wait for a cluster to start, or for a paused one to come to rest. */
const WAITING_INPUTS_MAX = 10_000;
const NOTHING_TO_CANCEL: WireCall = Object.freeze({ cancel: () => undefined });
/** A request, or something that is followed. */
type Ongoing = Pick<Exchange, 'isOver' | 'cancel' | 'abort' | 'slot'>;

export interface LiveClusterOptions {
  readonly identity: ClusterIdentity;
  readonly pump: Pump;
  readonly wallClock: WallClock;
  /** Absent for an ephemeral cluster: what it does counts as durable at once. */
  readonly log: CommitLog | undefined;
  /** Called when somebody waits for a cluster that has not started. */
  readonly onWanted: (cluster: LiveCluster) => void;
  /** Called once, when the cluster has stopped because of a bug or a failed write. */
  readonly onFailure: (cluster: LiveCluster, reason: unknown) => void;
}

/**
 * One running cluster: lets requests in between two events, moves its clock, and lets answers out when they are durable.
 * A clock that follows the wall is brought up to it before each request. A paused one is first brought to rest at its
 * present instant, so that its history depends on the order of inputs alone and never on how fast the machine is.
 */
export class LiveCluster implements PumpTask {
  readonly identity: ClusterIdentity;
  readonly #options: LiveClusterOptions;
  #state: ClusterState = 'starting';
  #isClosing = false;
  #cluster: Cluster | undefined;
  #anchor: ClockAnchor | undefined;
  #journal: CommitJournal | undefined;
  #gate = new DurabilityGate(Infinity);
  #waiting: Input[] = [];
  /** What was written while the cluster was being made, until its journal takes it. */
  #early: CommitRecord[] = [];
  #advance: Advance | undefined;
  /** Effects whose results are still to come: time that is advanced does not pass them. */
  #effects = 0;
  #flush: NodeJS.Immediate | undefined;
  readonly #exchanges = new Bag<Ongoing>();

  constructor(options: LiveClusterOptions) {
    this.#options = options;
    this.identity = options.identity;
  }

  get state(): ClusterState {
    return this.#state;
  }

  get clock(): ClockSettings {
    return this.#anchor ?? this.identity.settings.clock;
  }

  /** The cluster's present time; `undefined` until it runs. */
  get now(): Instant | undefined {
    if (this.#cluster === undefined || this.#anchor === undefined) return undefined;
    return instantAt(this.#anchor, this.#options.wallClock.now()) ?? this.#cluster.now;
  }

  get tenant(): string {
    return this.identity.tenant;
  }

  get dueAt(): number | undefined {
    const { nextDue, now } = this.#engine;
    if (this.#state !== 'running' || this.#journal?.isCongested === true || this.#isHeld) return undefined;
    if (this.#advance !== undefined || this.#waiting.length > 0) return 0;
    if (nextDue === undefined) return undefined;
    if (this.#clockAnchor.mode === 'paused') return nextDue <= now ? 0 : undefined;
    return wallAt(this.#clockAnchor, nextDue);
  }

  /** What the engine is given; used only while it is being made, and by it from then on. */
  ports(): ClusterPorts {
    const commit = (record: CommitRecord): void => {
      if (this.#journal !== undefined) this.#journal.add(record);
      else if (this.#state === 'starting' && this.#options.log !== undefined) this.#early.push(record);
    };
    return { text: textCodec, commit };
  }

  /** Takes the engine's cluster over and lets in who waited. Resolves when what it holds is durable. */
  async boot({ cluster, anchor, ...start }: Boot): Promise<void> {
    if (this.#state !== 'starting') return;
    const records = this.#early;
    this.#early = [];
    const { log, pump } = this.#options;
    this.#cluster = cluster;
    this.#anchor = anchor;
    if (log !== undefined) {
      this.#gate = new DurabilityGate(records.length > 0 ? 0 : cluster.revision);
      this.#journal = new CommitJournal(this.identity.id, log, this.#journalSource(), start);
      for (const record of records) this.#journal.add(record);
    }
    this.#state = 'running';
    pump.add(this);
    this.#journal?.flush();
    await this.#journal?.whenDurable();
  }

  /** One request to the Kubernetes API. The reply is held back until it is durable. */
  handle(request: WireRequest, reply: WireReply): WireCall {
    const exchange = new Exchange(reply, this.#entrance, (over) => this.#exchanges.delete(over));
    this.#exchanges.add(exchange);
    this.#enter(
      () => exchange.start(this.#gate, (gated) => this.#engine.apiServer.handle(request, gated)),
      (error) => exchange.abort(statusOf(error)),
    );
    return exchange.isOver ? NOTHING_TO_CANCEL : this.#cancellation(exchange);
  }

  /** Whether a server outside answers for the path: a request's body then goes there as it comes. */
  isForwarded(path: string): boolean {
    return this.#cluster?.apiServer.isForwarded(path) ?? false;
  }

  /** Shows the objects of a kind as they change; each event is held back until it is durable. */
  watch(objects: ObjectsToWatch, sink: ObjectWatchSink): WireCall {
    return this.follow(sink, ({ apiServer }, gated) => watchObjects(apiServer, objects, gated));
  }

  /** Shows whatever `begin` makes known of the cluster, in the same way. */
  follow<Event extends { readonly revision: number }>(
    sink: EventSink<Event>,
    begin: (cluster: Cluster, gated: EventSink<Event>) => WireCall,
  ): WireCall {
    const exchange = new ObjectExchange(sink, (over) => this.#exchanges.delete(over));
    this.#exchanges.add(exchange);
    this.#enter(
      () => exchange.start(this.#gate, (gated) => begin(this.#engine, gated)),
      (error) => exchange.abort(statusOf(error)),
    );
    return this.#cancellation(exchange);
  }

  /**
   * Does something to the cluster between two events, and resolves when it is durable.
   * @throws ClusterStoppedError, ClusterGoneError, TooManyWaitingError, and what `run` throws as a StatusError.
   */
  async act<Result>(run: (cluster: Cluster) => Result): Promise<Result> {
    const result = await this.#input((cluster) => {
      this.#journal?.touch();
      return run(cluster);
    });
    await this.#journal?.whenDurable();
    return result;
  }

  /** Reads something of the cluster; resolves when what was read is durable. Throws what `act` throws. */
  async ask<Result>(read: (cluster: Cluster) => Result): Promise<Result> {
    const result = await this.#input(read);
    await this.#journal?.whenDurable();
    return result;
  }

  /** Something is done outside the cluster for it. What that makes of the cluster enters at once, even into an advance. */
  async effect(outcome: Promise<(cluster: Cluster) => void>): Promise<void> {
    this.#effects++;
    const enter = await outcome;
    this.#effects--;
    if (this.#state !== 'running') return;
    this.#journal?.touch();
    this.#guarded(() => enter(this.#engine));
  }

  /**
   * Lets time pass on a paused clock; resolves with the cluster's time when all that was due has happened and is durable.
   * @throws ClockNotPausedError, and what `act` throws.
   */
  async advance(duration: Duration): Promise<Instant> {
    await new Promise<void>((finish, refuse) => {
      this.#enter(() => {
        if (this.#clockAnchor.mode !== 'paused') return refuse(new ClockNotPausedError());
        this.#advance = { target: after(this.#engine.now, duration), finish, refuse };
      }, refuse);
    });
    return this.ask((cluster) => cluster.now);
  }

  /** Resolves with the clock's time at the change, once it is durable. */
  setClock(settings: ClockSettings): Promise<Instant> {
    return this.act(({ now }) => {
      this.#anchor = anchorAt(settings, this.#options.wallClock.now(), now);
      return now;
    });
  }

  runSlice(mayContinue: () => boolean): boolean {
    const isAllowed = (): boolean => mayContinue() && this.#journal?.isCongested !== true && !this.#isHeld;
    this.#guarded(() => {
      do {
        const limit = this.#limit();
        if (this.#isHeld || this.#engine.run(limit, isAllowed) === 'interrupted' || this.#isHeld) return;
        if (this.#advance !== undefined) {
          this.#journal?.touch();
          this.#advance.finish();
          this.#advance = undefined;
        }
        this.#admitNext();
      } while (this.#state === 'running' && this.#waiting.length > 0 && isAllowed());
    });
    this.#journal?.flush();
    const due = this.#state === 'running' ? this.dueAt : undefined;
    return due !== undefined && due <= this.#options.wallClock.now();
  }

  /** Ends all requests; nothing is taken any more. What is on its way to the disk still arrives. */
  remove(): void {
    this.#stop('removed', new ClusterGoneError(this.identity));
  }

  /** Writes a checkpoint and stops: requests that are still open end. */
  async shutDown(): Promise<void> {
    // From here on an input would be taken without its answer: what was begun before is answered, the rest is refused.
    this.#isClosing = true;
    if (this.#state === 'running' && this.#journal !== undefined) {
      this.#options.pump.remove(this);
      if (this.#clockAnchor.mode === 'scaled') this.#journal.touch();
      this.#journal.flush();
      await this.#journal.whenDurable();
      await this.#journal.checkpoint();
    }
    if (this.#state !== 'failed') this.#stop('removed', new ClusterStoppedError(this.identity));
  }

  /** The cluster could not be made or read back: it answers with an error from now on. */
  failToStart(reason: unknown): void {
    this.#fail(reason);
  }

  readonly #entrance: ClusterEntrance = {
    enter: (input, refuse) => this.#enter(input, refuse),
    whenDurable: () => this.#journal?.whenDurable() ?? Promise.resolve(),
  };

  #cancellation(exchange: Ongoing): WireCall {
    return { cancel: () => void (exchange.isOver || this.#guarded(() => exchange.cancel())) };
  }

  #input<Result>(run: (cluster: Cluster) => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#enter(() => {
        try {
          resolve(run(this.#engine));
        } catch (error) {
          if (!(error instanceof StatusError)) throw error;
          reject(error);
        }
      }, reject);
    });
  }

  /** Runs an input now, or as soon as the cluster takes one; `refuse` is called where it never will, or fails in it. */
  #enter(input: () => void, refuse: (error: Error) => void): void {
    if (this.#state === 'failed' || this.#isClosing) return refuse(new ClusterStoppedError(this.identity));
    if (this.#state === 'removed') return refuse(new ClusterGoneError(this.identity));
    if (this.#mustWait()) {
      if (this.#waiting.length >= WAITING_INPUTS_MAX) return refuse(new TooManyWaitingError());
      this.#waiting.push({ run: input, refuse });
      if (this.#cluster !== undefined) this.#options.pump.schedule(this);
      else this.#options.onWanted(this);
      return;
    }
    const isDone = this.#guarded(() => {
      this.#catchUp();
      input();
    });
    if (!isDone) refuse(new ClusterStoppedError(this.identity));
  }

  #admitNext(): void {
    const next = this.#waiting.shift();
    if (next !== undefined && !this.#guarded(next.run)) next.refuse(new ClusterStoppedError(this.identity));
  }

  #mustWait(): boolean {
    if (this.#cluster === undefined) return true;
    if (this.#waiting.length > 0 || this.#advance !== undefined) return true;
    if (this.#journal?.isCongested === true) return true;
    const { nextDue, now } = this.#cluster;
    return this.#anchor?.mode === 'paused' && nextDue !== undefined && nextDue <= now;
  }

  /** A cluster that is in the middle of its work keeps its present instant: the request enters between two events. */
  #catchUp(): void {
    if (this.#clockAnchor.mode === 'paused' || this.#options.pump.isBusy(this)) return;
    const { wallClock } = this.#options;
    let end: number | undefined;
    this.#engine.run(this.#limit(), () => wallClock.elapsed() < (end ??= wallClock.elapsed() + CATCH_UP_MS));
  }

  #limit(): Instant {
    const { now } = this.#engine;
    return this.#advance?.target ?? instantAt(this.#clockAnchor, this.#options.wallClock.now()) ?? now;
  }

  /** Calls into the engine. A throw is a bug in it: this cluster stops, and no other notices. Whether all went well. */
  #guarded(run: () => void): boolean {
    try {
      run();
      // Time does not pass by itself, and nobody lets it: who waits for it would wait for ever.
      if (this.#anchor?.mode === 'paused' && this.#advance === undefined) this.#cluster?.apiServer.standStill();
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (this.#state !== 'running') return true;
    if (this.#journal?.isDirty === true) this.#flush ??= setImmediate(this.#flushNow);
    this.#options.pump.schedule(this);
    return true;
  }

  readonly #flushNow = (): void => {
    this.#flush = undefined;
    this.#journal?.flush();
  };

  #journalSource(): JournalSource {
    return {
      context: (): CommitContext => ({
        revision: this.#engine.revision,
        state: this.#engine.state,
        clock: this.#clockAnchor,
      }),
      image: (): ClusterImage => this.#engine.image(),
      onDurable: (revision) => {
        this.#gate.release(revision);
        if (this.#state === 'running') this.#options.pump.schedule(this);
      },
      onFailure: (error) => this.#fail(error),
    };
  }

  #fail(reason: unknown): void {
    if (this.#state === 'failed' || this.#state === 'removed') return;
    this.#stop('failed', new ClusterStoppedError(this.identity));
    this.#options.onFailure(this, reason);
  }

  #stop(state: 'failed' | 'removed', error: Error): void {
    if (this.#state === 'removed') return;
    this.#state = state;
    this.#options.pump.remove(this);
    clearImmediate(this.#flush);
    this.#journal?.close(error);
    this.#gate.close();
    for (const exchange of [...this.#exchanges]) exchange.abort(statusOf(error));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const input of waiting) input.refuse(error);
    this.#advance?.refuse(error);
    this.#advance = undefined;
  }

  get #isHeld(): boolean {
    return this.#effects > 0 && this.#advance !== undefined;
  }

  get #engine(): Cluster {
    if (this.#cluster === undefined) throw new ClusterStoppedError(this.identity);
    return this.#cluster;
  }

  get #clockAnchor(): ClockAnchor {
    if (this.#anchor === undefined) throw new ClusterStoppedError(this.identity);
    return this.#anchor;
  }
}
