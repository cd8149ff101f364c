// From the request for a cluster to its nodes in the client's hands.
import { performance } from 'node:perf_hooks';
import { Api, kubernetes } from './support/api.mjs';
import { startFlotilla } from './support/processes.mjs';
import { percentile } from './support/statistics.mjs';

const COUNT = 100;
const WARM_UP = 10;
const NODES = 4;

export async function clusters({ profile }) {
  const flotilla = await startFlotilla({ profile });
  const api = await Api.open(flotilla);
  const latencies = [];
  for (let number = 0; number < WARM_UP + COUNT; number++) {
    const name = `cluster-${number}`;
    const start = performance.now();
    await api.createCluster(name);
    const { items } = await api.send('GET', kubernetes(name, '/api/v1/nodes'));
    const took = performance.now() - start;
    if (items.length !== NODES) throw new Error(`${items.length} nodes, not ${NODES}`);
    if (number >= WARM_UP) latencies.push(took);
  }
  api.close();
  await flotilla.stop();
  return [
    {
      name: 'cluster create to first nodes, p95',
      value: percentile(latencies, 0.95),
      unit: 'ms',
      atMost: 50,
      detail: `p50 ${percentile(latencies, 0.5).toFixed(1)} ms, max ${percentile(latencies, 1).toFixed(1)} ms of ${COUNT}`,
      latencies,
    },
  ];
}
