// One cluster's engine within this process: requests and time come from the benchmark, and what it commits is encoded
// and dropped. No socket and no disk is in the measure.
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { ENTRY } from './processes.mjs';

const built = (path) => import(new URL(path, pathToFileURL(ENTRY)).href);
const { clusterFactory } = await built('engine/cluster/cluster-factory.js');
const { clusterAdministrator } = await built('engine/machinery/user.js');
const { textCodec } = await built('hosting/text-codec.js');

const START = Date.UTC(2026, 0, 1);
const WORKER = { cpu: '16', memory: '64Gi', pods: 110 };
const factory = clusterFactory(textCodec);

export class Engine {
  #cluster;
  #committed = 0;

  constructor({ workers = 0, ...spec } = {}) {
    const topology = { controlPlanes: 1, workers, workerCapacity: WORKER, zones: [] };
    const common = { id: 'bench', tenant: 'default', name: 'bench', seed: 1, start: START, latency: 'fast' };
    this.#cluster = factory.create(
      { ...common, topology, caCertificate: 'CERTIFICATE', ...spec },
      { text: textCodec, commit: ({ value }) => void (this.#committed += value?.byteLength ?? 0) },
    );
  }

  /** Milliseconds of the cluster's clock. */
  get now() {
    return this.#cluster.now;
  }

  /** Bytes that a disk would have been given. */
  get committed() {
    return this.#committed;
  }

  /** All that is due within so many seconds of the cluster's clock happens. */
  runFor(seconds) {
    this.#cluster.run(this.#cluster.now + seconds * 1_000, () => true);
  }

  /** Runs in steps of so many seconds until `holds`. */
  runUntil(holds, { step, limit }) {
    for (let passed = 0; passed < limit; passed += step) {
      this.runFor(step);
      if (holds()) return;
    }
    throw new Error(`not within ${limit} s of the cluster's clock: ${holds}`);
  }

  stopKubelet(nodeName) {
    this.#cluster.stopKubelet(nodeName);
  }

  startKubelet(nodeName) {
    this.#cluster.startKubelet(nodeName);
  }

  /** The answer's body, parsed. Throws what is not wanted. */
  send(method, pathAndQuery, object, contentType = 'application/json') {
    const [path, query = ''] = pathAndQuery.split('?', 2);
    const body = object === undefined ? new Uint8Array() : textCodec.encode(JSON.stringify(object));
    let answer;
    this.#cluster.apiServer.handle(
      { method, path, query, headers: { 'content-type': contentType }, body, user: clusterAdministrator },
      {
        respond: (given) => void (answer = given),
        stream: () => {
          throw new Error('no stream was asked for');
        },
      },
    );
    if (answer === undefined) throw new Error(`${method} ${path} was not answered`);
    const text = answer.body.map((chunk) => textCodec.decode(chunk)).join('');
    if (answer.status >= 300) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** How many objects a collection holds, by its own word, without reading them all. */
  count(pathAndQuery) {
    const { items, metadata } = this.send('GET', `${pathAndQuery}${pathAndQuery.includes('?') ? '&' : '?'}limit=1`);
    return items.length + (metadata.remainingItemCount ?? 0);
  }
}

/** What something cost: seconds of CPU time of this process, all threads, and seconds by the wall clock. */
export function cost(run) {
  const before = process.cpuUsage();
  const start = performance.now();
  run();
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1_000_000, wall: (performance.now() - start) / 1_000 };
}
