import { randomInt, randomUUID } from 'node:crypto';
import type { ClientRequest } from 'node:http';
import { ETCD_PRESET, type ClusterSpec } from '../engine/cluster/cluster-spec.js';
import type { ClusterPorts } from '../engine/cluster/cluster.js';
import { settingProblems } from '../engine/cluster/setting-problems.js';
import { instant } from '../engine/kernel/clock.js';
import { anchorAfterRestart, anchorAt } from './cluster-clock.js';
import { InvalidSettingsError } from './cluster-errors.js';
import type { ClusterIdentityKeys, ClusterKeys } from './cluster-keys.js';
import type { ClusterFactory } from '../engine/cluster/cluster-factory.js';
import { NameInUseError, type ClusterRecord, type ClusterRecords } from './cluster-records.port.js';
import type { ClusterIdentity, ClusterSettings } from './cluster-settings.js';
import type { CommitLog } from './commit-log.port.js';
import type { HostTokens } from '../engine/kube-apiserver/authentication/host-tokens.port.js';
import type { RequestTrust } from '../engine/kube-apiserver/authentication/request-trust.port.js';
import type { OutsideWorld } from '../engine/kube-apiserver/outside/outside-effect.js';
import { outsideOf } from './outside-world.js';
import type { OutgoingRequests, OutgoingTarget } from './outgoing-requests.js';
import { WebhookCaller } from './webhook-caller.js';
import { LiveCluster } from './live-cluster.js';
import { Pump } from './pump.js';
import { recover } from './recovery.js';
import { systemWallClock, type WallClock } from './wall-clock.js';

const SEED_RANGE = 2 ** 47;

export interface ClusterHostOptions {
  readonly factory: ClusterFactory;
  readonly records: ClusterRecords;
  readonly log: CommitLog;
  /** Sign the tokens of the clusters' service accounts. */
  readonly keys: ClusterKeys;
  /** PEM of the authority behind this server's certificate. */
  readonly caCertificate: string;
  /** The tokens in a cluster's kubeconfigs; without them the cluster's reviews know none of these. */
  readonly tokensOf?: (cluster: string) => HostTokens;
  readonly report: HostReport;
  readonly wallClock?: WallClock;
  /** Without it clusters reach nothing outside. */
  readonly outgoing?: OutgoingRequests;
}

/** What an operator should know of, and no client is told. */
export interface HostReport {
  clusterFailed(identity: ClusterIdentity, reason: unknown): void;
  logCutBack(identity: ClusterIdentity, detail: string): void;
}

export interface TenantRef {
  readonly id: string;
  readonly name: string;
}

export type NewCluster = Omit<ClusterSettings, 'seed' | 'start' | 'etcd'> &
  Partial<Pick<ClusterSettings, 'seed' | 'start' | 'etcd'>>;

/** What is registered of a durable cluster besides its name. */
/** Clusters that were registered before there was a choice say nothing of their etcd. */
interface RegisteredSpec extends Omit<ClusterSettings, 'etcd'>, Partial<Pick<ClusterSettings, 'etcd'>> {
  readonly tenant: string;
}

/** All clusters of this process. Nothing else holds one. */
export class ClusterHost {
  readonly #options: ClusterHostOptions;
  readonly #wallClock: WallClock;
  readonly #pump: Pump;
  /** By tenant name, then by cluster name; those that are being made are among them. */
  readonly #clusters = new Map<string, Map<string, LiveCluster>>();
  #restoring: Promise<void> = Promise.resolve();
  /** While clusters are brought back: those that somebody waits for, at most one for each request that waits. */
  #wanted: LiveCluster[] | undefined;
  #isStopping = false;

  constructor(options: ClusterHostOptions) {
    this.#options = options;
    this.#wallClock = options.wallClock ?? systemWallClock;
    this.#pump = new Pump(this.#wallClock);
  }

  /** Registers every known cluster, and brings them back one after another in the background: who asks for one waits. */
  async start(): Promise<void> {
    const registered = (await this.#options.records.list()).map((record) => this.#register(identityOf(record)));
    this.#restoring = this.#restoreAll(registered);
  }

  /** Resolves when every cluster of an earlier run is back, or known to have failed. */
  whenRestored(): Promise<void> {
    return this.#restoring;
  }

  find(tenant: string, name: string): LiveCluster | undefined {
    return this.#clusters.get(tenant)?.get(name);
  }

  /** What a cluster signs with. */
  keysOf(identity: ClusterIdentity): ClusterIdentityKeys {
    return this.#options.keys.of(identity);
  }

  /** A request of a cluster's aggregator to a server outside, its body still to be sent. @throws where it may not go there */
  openForwarded(identity: ClusterIdentity, target: Omit<OutgoingTarget, 'identity'>): ClientRequest {
    const { outgoing } = this.#options;
    if (outgoing === undefined) throw new Error('connect: network is unreachable');
    return outgoing.open({ ...target, identity: this.keysOf(identity).frontProxy.client });
  }

  /** A tenant's clusters by name. */
  list(tenant: string): readonly LiveCluster[] {
    const clusters = [...(this.#clusters.get(tenant)?.values() ?? [])];
    return clusters.sort((a, b) => (a.identity.settings.name < b.identity.settings.name ? -1 : 1));
  }

  /** Every cluster, in no order. */
  *all(): Iterable<LiveCluster> {
    for (const clusters of this.#clusters.values()) yield* clusters.values();
  }

  /**
   * Resolves when the cluster is durable and takes requests. Where that fails nothing of it remains.
   * @throws NameInUseError, InvalidSettingsError
   */
  async create(tenant: TenantRef, asked: NewCluster): Promise<LiveCluster> {
    if (this.find(tenant.name, asked.name) !== undefined) throw new NameInUseError(inUse(asked.name));
    const problems = settingProblems(asked);
    if (problems.length > 0) throw new InvalidSettingsError(problems);
    const settings: ClusterSettings = {
      ...asked,
      etcd: asked.etcd ?? ETCD_PRESET,
      seed: asked.seed ?? randomInt(SEED_RANGE),
      start: asked.start ?? instant(Math.floor(this.#wallClock.now())),
    };
    const createdAt = this.#wallClock.now();
    const identity = { id: randomUUID(), tenantId: tenant.id, tenant: tenant.name, createdAt, settings };
    const live = this.#register(identity);
    // Both are on their way to the disk at once. Cut off between them there is a cluster that is made anew from its seed,
    // or a log that belongs to none; nobody was told of either.
    const made = this.#make(live);
    const registered = settings.durability === 'durable' ? this.#options.records.insert(recordOf(identity)) : undefined;
    const failed = (await Promise.allSettled([made, registered])).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') {
      await this.#discard(live);
      throw failed.reason;
    }
    return live;
  }

  /** Whether there was such a cluster. Its requests end at once; resolves when nothing of it is left on disk. */
  async remove(tenant: string, name: string): Promise<boolean> {
    const live = this.find(tenant, name);
    if (live === undefined) return false;
    await this.#discard(live);
    return true;
  }

  /** Writes a checkpoint of every cluster and ends all requests. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#restoring;
    await Promise.allSettled(Array.from(this.all(), (live) => live.shutDown()));
    // They stay, to say that they have stopped: a request that comes now must not be told that there is no such cluster.
    this.#pump.stop();
  }

  /** One after another, those first that somebody waits for. */
  async #restoreAll(clusters: readonly LiveCluster[]): Promise<void> {
    const left = new Set(clusters);
    const wanted = (this.#wanted = [] as LiveCluster[]);
    const durable: Promise<void>[] = [];
    const bringBack = async (live: LiveCluster): Promise<void> => {
      if (this.#isStopping || !left.delete(live)) return;
      durable.push((await this.#restoreOne(live)).durable);
    };
    for (const following of clusters) {
      for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) await bringBack(next);
      await bringBack(following);
    }
    this.#wanted = undefined;
    await Promise.all(durable);
  }

  /** Resolves when the cluster takes requests; what that resolves with, when what it wrote on the way is durable. */
  async #restoreOne(live: LiveCluster): Promise<{ readonly durable: Promise<void> }> {
    try {
      const { booted } = await this.#restore(live);
      return { durable: booted.catch((error: unknown) => live.failToStart(error)) };
    } catch (error) {
      live.failToStart(error);
      return { durable: Promise.resolve() };
    }
  }

  async #restore(live: LiveCluster): Promise<{ readonly booted: Promise<void> }> {
    const { identity } = live;
    const log = await this.#options.log.load(identity.id);
    if (log.report !== undefined) {
      const { kind, atRevision, dropped } = log.report;
      this.#options.report.logCutBack(identity, `${kind} after step ${atRevision}, ${dropped} rows dropped`);
    }
    const recovered = recover(log);
    // Registered, then cut off before the first write: made anew from the same seed it is the same cluster.
    if (recovered === undefined) return { booted: this.#make(live) };
    const { image, steps, checkpointSteps } = recovered;
    const anchor = anchorAfterRestart(recovered.clock, image.state.now, this.#wallClock.now());
    const resumed = { ...image, state: { ...image.state, now: anchor.instant } };
    const cluster = this.#options.factory.restore(this.#specOf(identity), this.#portsOf(live), resumed);
    return { booted: live.boot({ cluster, anchor, steps, checkpointSteps }) };
  }

  async #make(live: LiveCluster): Promise<void> {
    const { identity } = live;
    const cluster = this.#options.factory.create(this.#specOf(identity), this.#portsOf(live));
    const anchor = anchorAt(identity.settings.clock, this.#wallClock.now(), cluster.now);
    await live.boot({ cluster, anchor, steps: 0, checkpointSteps: 0 });
  }

  #portsOf(live: LiveCluster): ClusterPorts {
    const { tokenKeys, certificateAuthority, frontProxy } = this.keysOf(live.identity);
    const outside = this.#outsideOf(live);
    const hostTokens = this.#options.tokensOf?.(live.identity.id);
    const requestTrust: RequestTrust = {
      get clientAuthority() {
        return certificateAuthority.certificate;
      },
      get frontProxyAuthority() {
        return frontProxy.certificate;
      },
    };
    return { ...live.ports(), tokenKeys, certificateAuthority, requestTrust, outside, hostTokens };
  }

  #outsideOf(live: LiveCluster): OutsideWorld | undefined {
    const { outgoing } = this.#options;
    if (outgoing === undefined) return undefined;
    return outsideOf(live, new WebhookCaller(outgoing), this.keysOf(live.identity).frontProxy);
  }

  #specOf({ id, tenant, settings }: ClusterIdentity): ClusterSpec {
    const { clock: _clock, durability: _durability, outsideServices: _outside, ...spec } = settings;
    return { id, tenant, ...spec, caCertificate: this.#options.caCertificate };
  }

  #register(identity: ClusterIdentity): LiveCluster {
    const live = new LiveCluster({
      identity,
      pump: this.#pump,
      wallClock: this.#wallClock,
      log: identity.settings.durability === 'durable' ? this.#options.log : undefined,
      onWanted: (wanted) => this.#wanted?.push(wanted),
      onFailure: (failed, reason) => this.#options.report.clusterFailed(failed.identity, reason),
    });
    const { tenant, settings } = identity;
    const clusters = this.#clusters.get(tenant) ?? new Map<string, LiveCluster>();
    this.#clusters.set(tenant, clusters.set(settings.name, live));
    return live;
  }

  /** The register goes first: a log without an owner is only waste, an owner without its log would come back empty. */
  async #discard(live: LiveCluster): Promise<void> {
    const { id, tenant, settings } = live.identity;
    live.remove();
    this.#options.keys.forget(id);
    try {
      if (settings.durability === 'ephemeral') return;
      await this.#options.records.remove(id);
      await this.#options.log.forget(id);
    } finally {
      const clusters = this.#clusters.get(tenant);
      if (clusters?.get(settings.name) === live) clusters.delete(settings.name);
      if (clusters?.size === 0) this.#clusters.delete(tenant);
    }
  }
}

const inUse = (name: string): string => `a cluster named "${name}" exists already`;

function recordOf({ id, tenantId, tenant, createdAt, settings }: ClusterIdentity): ClusterRecord {
  const spec: RegisteredSpec = { ...settings, tenant };
  return { id, tenantId, name: settings.name, spec: JSON.stringify(spec), createdAt };
}

function identityOf({ id, tenantId, createdAt, spec }: ClusterRecord): ClusterIdentity {
  const { tenant, etcd = ETCD_PRESET, ...settings } = JSON.parse(spec) as RegisteredSpec;
  return { id, tenantId, tenant, createdAt, settings: { ...settings, etcd } };
}
