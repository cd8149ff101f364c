import type { Cluster, ClusterImage, ClusterPorts, CommitRecord } from '../../src/engine/cluster/cluster.js';
import type { ClusterSpec } from '../../src/engine/cluster/cluster-spec.js';
import { milliseconds } from '../../src/engine/kernel/clock.js';
import { EventLoop } from '../../src/engine/kernel/event-loop.js';
import { Random } from '../../src/engine/kernel/random.js';
import type { ApiServer } from '../../src/engine/kube-apiserver/api-server.js';
import type { WireCall, WireReply, WireRequest, WireStream } from '../../src/engine/kube-apiserver/wire.js';
import type { ClusterFactory } from '../../src/engine/cluster/cluster-factory.js';

const CALL: WireCall = { cancel: () => undefined };
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * A cluster that is a list of texts. `POST /<text>` appends it, and answers the present list; `GET /` answers the list;
 * `POST /later/<ms>/<text>` appends after that time; `GET /watch` streams each text; `POST /bug` throws; `POST /storm/<n>`
 * plans n events that are due at once.
 */
export class FakeCluster implements Cluster {
  readonly loop: EventLoop;
  readonly texts: string[] = [];
  readonly watchers = new Set<WireStream>();
  revision = 0;
  stormEvents = 0;
  readonly #ports: ClusterPorts;

  constructor(spec: ClusterSpec, ports: ClusterPorts, image?: ClusterImage) {
    this.#ports = ports;
    this.loop = new EventLoop(image?.state.now ?? spec.start, Random.seeded(spec.seed));
    for (const { value, revision } of image?.records ?? []) {
      this.texts.push(new TextDecoder().decode(value));
      this.revision = revision;
    }
  }

  get now() {
    return this.loop.now;
  }
  get nextDue() {
    return this.loop.nextDue;
  }
  get state() {
    return { now: this.loop.now, random: this.loop.random.state };
  }
  get apiServer(): ApiServer {
    return {
      handle: (request: WireRequest, reply: WireReply) => this.#handle(request, reply),
      standStill: () => undefined,
    } as unknown as ApiServer;
  }

  auditPolicy = undefined;
  readonly controllers = [];
  switchController() {
    return false;
  }
  switchScheduler() {}
  get scheduler() {
    return undefined;
  }

  decisions() {
    return [];
  }

  followDecisions(): { cancel(): void } {
    return { cancel: () => undefined };
  }

  run(limit: Parameters<Cluster['run']>[0], mayContinue: () => boolean) {
    return this.loop.run(limit, mayContinue);
  }

  image(): ClusterImage {
    return {
      state: this.state,
      revision: this.revision,
      records: this.texts.map((text, at) => this.#record(at + 1, text)),
    };
  }

  stopKubelet(): void {}
  startKubelet(): void {}
  kubeletState() {
    return undefined;
  }

  append(text: string): void {
    this.revision++;
    this.texts.push(text);
    this.#ports.commit(this.#record(this.revision, text));
    for (const watcher of this.watchers) watcher.write(encode(`${text}\n`), this.revision);
  }

  #record(revision: number, text: string): CommitRecord {
    return { revision, key: `/registry/texts/${revision}`, value: encode(text), createRevision: revision, version: 1 };
  }

  #handle({ method, path }: WireRequest, reply: WireReply): WireCall {
    const [, first = '', second = '', third = ''] = path.split('/');
    if (first === 'bug') throw new Error('a planted bug');
    if (first === 'watch') {
      const stream = reply.stream({ status: 200, headers: {} });
      this.watchers.add(stream);
      return { cancel: () => this.watchers.delete(stream) };
    }
    if (first === 'later') this.loop.after(milliseconds(Number(second)), () => this.append(third));
    else if (first === 'storm') this.#storm(Number(second));
    else if (method === 'POST') this.append(first);
    reply.respond({ status: 200, headers: {}, body: [encode(this.texts.join())], revision: this.revision });
    return CALL;
  }

  #storm(events: number): void {
    for (let count = 0; count < events; count++) this.loop.soon(() => this.#busyWork());
  }

  /** About a fifth of a millisecond. */
  #busyWork(): void {
    const end = performance.now() + 0.2;
    while (performance.now() < end);
    this.stormEvents++;
  }
}

/** Makes fake clusters and remembers them in order. */
export function fakeFactory(): ClusterFactory & { readonly made: FakeCluster[] } {
  const made: FakeCluster[] = [];
  const keep = (cluster: FakeCluster): FakeCluster => {
    made.push(cluster);
    return cluster;
  };
  return {
    made,
    create(spec, ports) {
      const cluster = keep(new FakeCluster(spec, ports));
      cluster.append('born');
      return cluster;
    },
    restore: (spec, ports, image) => keep(new FakeCluster(spec, ports, image)),
  };
}
