// A Deployment posted through the API, until its status says that all of it is Ready and that is durable.
import { performance } from 'node:perf_hooks';
import { Api, deployment, kubernetes } from './support/api.mjs';
import { startFlotilla } from './support/processes.mjs';
import { median } from './support/statistics.mjs';

const PODS = 1_000;
const WORKERS = 20;
const ROUNDS = 5;
const WARM_UP_ROUNDS = 1;

export async function rollout({ profile }) {
  const flotilla = await startFlotilla({ profile });
  const api = await Api.open(flotilla);
  const rates = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const cluster = `rollout-${round}`;
    await api.createCluster(cluster, { topology: { workers: WORKERS } });
    const path = kubernetes(cluster, '/apis/apps/v1/namespaces/default/deployments');
    const ready = api.waitFor(`${path}?watch=1`, ({ status }) => status?.readyReplicas === PODS);
    const start = performance.now();
    await api.send('POST', path, deployment('web', PODS));
    await ready;
    const seconds = (performance.now() - start) / 1_000;
    await checkPods(api, cluster);
    await api.deleteCluster(cluster);
    if (round >= WARM_UP_ROUNDS) rates.push(PODS / seconds);
  }
  api.close();
  await flotilla.stop();
  return [
    {
      name: `a Deployment of ${PODS} pods, durably Ready`,
      value: median(rates),
      unit: 'pods/s',
      atLeast: 500,
      detail: `${WORKERS} workers; rounds ${rates.map((rate) => rate.toFixed(0)).join(', ')}`,
      rates,
    },
  ];
}

/** The status is not believed: every pod must say so itself. */
async function checkPods(api, cluster) {
  const { items } = await api.send('GET', kubernetes(cluster, '/api/v1/namespaces/default/pods'));
  const isReady = ({ status }) =>
    status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  const ready = items.filter(isReady).length;
  if (ready !== PODS) throw new Error(`${ready} of ${items.length} pods are Ready, not ${PODS}`);
}
