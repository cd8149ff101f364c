// What custom resources cost: memory for the definitions that Calico brings, and the way from a definition to its resources.
import { existsSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { Api, kubernetes } from './support/api.mjs';
import { startFlotilla } from './support/processes.mjs';
import { percentile } from './support/statistics.mjs';

const CALICO = fileURLToPath(new URL('../../shared/inputs/network-addons/calico.yaml', import.meta.url));
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** The first of them pay for what all share. */
const BEFORE = 10;
const CLUSTERS = 200;
/** What was written is history for one to two intervals, and then nobody holds on to it. */
const ETCD = { compactionInterval: '10s' };
const SETTLE_MS = 25_000;
const WARM_UP = 10;
const COUNT = 100;
const KIB = 1_024;

export async function definitions({ profile }) {
  const flotilla = await startFlotilla({ profile });
  const api = await Api.open(flotilla);
  const figures = existsSync(CALICO) ? [await memory(flotilla, api)] : [];
  figures.push(await served(api));
  api.close();
  await flotilla.stop();
  return figures;
}

async function memory(flotilla, api) {
  const calico = parseAllDocuments(readFileSync(CALICO, 'utf8'))
    .map((each) => each.toJS())
    .filter((each) => each?.kind === 'CustomResourceDefinition');
  for (let number = 0; number < BEFORE + CLUSTERS; number++)
    await api.createCluster(`calico-${number}`, { etcd: ETCD });
  const apply = async (number) => {
    for (const each of calico) await api.send('POST', kubernetes(`calico-${number}`, DEFINITIONS), each);
  };
  await wait(SETTLE_MS);
  const bare = await flotilla.measure();
  for (let number = 0; number < BEFORE; number++) await apply(number);
  await wait(SETTLE_MS);
  const before = await flotilla.measure();
  for (let number = BEFORE; number < BEFORE + CLUSTERS; number++) await apply(number);
  await wait(SETTLE_MS);
  const after = await flotilla.measure();
  const perCluster = (key) => (after[key] - before[key]) / CLUSTERS / KIB;
  // The process has one room for young objects, at most 32 MiB, and a run ends with it small or large.
  const resident = perCluster('rss') - perCluster('young');
  const shared = (before.rss - bare.rss) / KIB / KIB;
  return {
    name: `memory of Calico's ${calico.length} definitions, a cluster`,
    value: resident,
    unit: 'KiB',
    atMost: 200,
    detail: `resident without room for young objects, over ${CLUSTERS} clusters, their history compacted; heap ${perCluster('heap').toFixed(0)} and buffers ${perCluster('external').toFixed(0)} KiB; ${shared.toFixed(0)} MiB with the first ${BEFORE}`,
    bare,
    before,
    after,
  };
}

async function served(api) {
  const name = 'served';
  await api.createCluster(name);
  const latencies = [];
  for (let number = 0; number < WARM_UP + COUNT; number++) {
    const plural = `widgets${number}`;
    const start = performance.now();
    await api.send('POST', kubernetes(name, DEFINITIONS), definition(plural));
    while (!(await isServed(api, kubernetes(name, `/apis/bench.example.com/v1/${plural}`)))) await wait(0);
    if (number >= WARM_UP) latencies.push(performance.now() - start);
  }
  return {
    name: 'definition create to resources served, p95',
    value: percentile(latencies, 0.95),
    unit: 'ms',
    atMost: 20,
    detail: `p50 ${percentile(latencies, 0.5).toFixed(1)} ms, max ${percentile(latencies, 1).toFixed(1)} ms of ${COUNT}`,
    latencies,
  };
}

async function isServed(api, path) {
  const { status } = await api.ask('GET', path);
  return status === 200;
}

const definition = (plural) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.bench.example.com` },
  spec: {
    group: 'bench.example.com',
    scope: 'Namespaced',
    names: { plural, singular: plural, kind: `Kind${plural}`, listKind: `Kind${plural}List` },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', minimum: 1, default: 1 },
                  names: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 63 } },
                },
                'x-kubernetes-validations': [{ rule: 'self.names.size() <= self.size', message: 'too many names' }],
              },
            },
          },
        },
      },
    ],
  },
});

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
