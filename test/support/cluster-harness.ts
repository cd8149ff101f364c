import { clusterFactory } from '../../src/engine/cluster/cluster-factory.js';
import type { ClusterSpec, Topology } from '../../src/engine/cluster/cluster-spec.js';
import type { Cluster, ClusterPorts, CommitRecord } from '../../src/engine/cluster/cluster.js';
import { instant, type Instant } from '../../src/engine/kernel/clock.js';
import type { WireResponse } from '../../src/engine/kube-apiserver/wire.js';
import { clusterAdministrator } from '../../src/engine/machinery/user.js';
import { textCodec, type Json } from './engine-harness.js';

export const CLUSTER_START = instant(Date.UTC(2026, 0, 1));

const factory = clusterFactory(textCodec);

export interface ClusterHarnessOptions extends Partial<Pick<ClusterSpec, 'kubelets' | 'controllers' | 'scheduler'>> {
  readonly seed?: number;
  readonly start?: Instant;
  readonly latency?: ClusterSpec['latency'];
  readonly topology?: Partial<Topology>;
}

interface Request {
  readonly method: string;
  readonly pathAndQuery: string;
  readonly body: unknown;
  readonly contentType: string;
}

/** A whole cluster, driven by requests and by time, with everything that it would have written to disk. */
export class ClusterHarness {
  /** Every changed key, in order: the cluster's history. */
  readonly history: CommitRecord[] = [];
  readonly spec: ClusterSpec;
  cluster: Cluster;

  constructor({
    seed = 1,
    start = CLUSTER_START,
    latency = 'fast',
    topology = {},
    ...rest
  }: ClusterHarnessOptions = {}) {
    this.spec = {
      id: 'cluster',
      tenant: 'default',
      name: 'c1',
      seed,
      start,
      latency,
      topology: {
        controlPlanes: 1,
        workers: 3,
        workerCapacity: { cpu: '8', memory: '32Gi', pods: 110 },
        zones: [],
        ...topology,
      },
      caCertificate: 'CERTIFICATE',
      ...rest,
    };
    this.cluster = factory.create(this.spec, this.#ports);
  }

  get #ports(): ClusterPorts {
    return { text: textCodec, commit: (record) => void this.history.push(record) };
  }

  /** The process ends without a word and another brings the cluster back from what is on disk. */
  crashAndRestore(): void {
    const live = new Map<string, CommitRecord>();
    for (const record of this.history) {
      live.delete(record.key);
      if (record.value !== undefined) live.set(record.key, record);
    }
    const { state, revision } = this.cluster;
    this.cluster = factory.restore(this.spec, this.#ports, { state, revision, records: live.values() });
  }

  runFor(seconds: number): void {
    this.cluster.run(instant(this.cluster.now + seconds * 1_000), () => true);
  }

  /** Runs second by second until `holds`; fails when `limit` seconds were not enough. */
  runUntil(holds: () => boolean, limit = 600): void {
    for (let second = 0; second < limit; second++) {
      if (holds()) return;
      this.runFor(1);
    }
    throw new Error(`not within ${limit} s: ${holds.toString()}`);
  }

  /** What the API server answers; it must not refuse. */
  request(method: string, pathAndQuery: string, body?: unknown, contentType = 'application/json'): Json {
    const { status, headers, text } = this.#answer({ method, pathAndQuery, body, contentType });
    if (status >= 400) throw new Error(`${method} ${pathAndQuery}: ${text}`);
    return headers['content-type']?.includes('json') === true ? (JSON.parse(text) as Json) : text;
  }

  /** The Status with which a request is refused. */
  refused(method: string, pathAndQuery: string, body?: unknown): Json {
    const { status, text } = this.#answer({ method, pathAndQuery, body, contentType: 'application/json' });
    if (status < 400) throw new Error(`${method} ${pathAndQuery} was not refused`);
    return JSON.parse(text) as Json;
  }

  /** By a merge patch. */
  patch(path: string, patch: unknown): void {
    this.request('PATCH', path, patch, 'application/merge-patch+json');
  }

  #answer({ method, pathAndQuery, body, contentType }: Request) {
    const [path = '', query = ''] = pathAndQuery.split('?', 2);
    const bytes = body === undefined ? new Uint8Array() : textCodec.encode(JSON.stringify(body));
    let response: WireResponse | undefined;
    this.cluster.apiServer.handle(
      { method, path, query, headers: { 'content-type': contentType }, body: bytes, user: clusterAdministrator },
      {
        respond: (given) => {
          response = given;
        },
        stream: () => {
          throw new Error('no stream was asked for');
        },
      },
    );
    if (response === undefined) throw new Error(`${method} ${path} was not answered`);
    const text = response.body.map((chunk) => textCodec.decode(chunk)).join('');
    return { status: response.status, headers: response.headers, text };
  }

  get(path: string): Json {
    return this.request('GET', path);
  }

  /** The items of a list. */
  list(path: string): Json[] {
    return this.get(path).items as Json[];
  }

  pods(namespace = 'default'): Json[] {
    return this.list(`/api/v1/namespaces/${namespace}/pods`);
  }

  pod(name: string): Json {
    return this.get(`/api/v1/namespaces/default/pods/${name}`);
  }

  createPod(name: string, spec: Json): void {
    this.request('POST', '/api/v1/namespaces/default/pods', { metadata: { name }, spec });
  }

  createDeployment(name: string, replicas: number, container: Json = {}): void {
    const labels = { app: name };
    const template = {
      metadata: { labels },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1', ...container }] },
    };
    const spec = { replicas, selector: { matchLabels: labels }, template };
    this.request('POST', '/apis/apps/v1/namespaces/default/deployments', { metadata: { name }, spec });
  }

  /** What was said of an object, oldest first. */
  eventsOf(name: string): string[] {
    const items = this.list(`/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=${name}`);
    return items.map(({ reason, message }) => `${reason}: ${message}`);
  }
}

export const isReady = ({ status }: Json): boolean =>
  status?.conditions?.some(({ type, status: value }: Json) => type === 'Ready' && value === 'True') === true;
