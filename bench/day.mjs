// One day of a cluster's clock with its everyday churn: roll-outs, deleted pods, a node that is lost and comes back.
import { apart } from './support/apart.mjs';
import { deployment } from './support/api.mjs';
import { cost, Engine } from './support/engine.mjs';

const WORKERS = 100;
const DEPLOYMENTS = 10;
const REPLICAS = 300;
const HOURS = 24;
const HOUR_S = 3_600;
const DELETES_PER_HOUR = 20;
const LOST_NODE = { name: 'worker-1', from: 9, until: 10 };
const SETTLE_S = 600;
const PATH = '/apis/apps/v1/namespaces/default/deployments';
const PODS = '/api/v1/namespaces/default/pods';

export async function day({ profile }) {
  const { cpu, wall, pods } = await apart(import.meta.url, 'measure', {}, { profile });
  return [
    {
      name: `a day of ${WORKERS} nodes and ${pods} pods`,
      value: (HOURS * HOUR_S) / cpu,
      unit: 's/s',
      atLeast: 1_000,
      detail: `virtual seconds a second of CPU time, ${((HOURS * HOUR_S) / wall).toFixed(0)} by the clock; each hour a roll-out of ${REPLICAS} pods and ${DELETES_PER_HOUR} deletes, one node lost for an hour`,
    },
  ];
}

export function measure() {
  const engine = new Engine({ workers: WORKERS });
  for (let index = 0; index < DEPLOYMENTS; index++) engine.send('POST', PATH, deployment(nameOf(index), REPLICAS));
  engine.runFor(SETTLE_S);
  const pods = checkReady(engine);
  globalThis.gc?.();
  const spent = cost(() => {
    for (let hour = 0; hour < HOURS; hour++) passHour(engine, hour);
  });
  return { ...spent, pods: checkReady(engine) && pods };
}

function passHour(engine, hour) {
  if (hour === LOST_NODE.from) engine.stopKubelet(LOST_NODE.name);
  if (hour === LOST_NODE.until) engine.startKubelet(LOST_NODE.name);
  const path = `${PATH}/${nameOf(hour % DEPLOYMENTS)}`;
  const env = [{ name: 'HOUR', value: String(hour) }];
  const template = { spec: { containers: [{ name: 'server', env }] } };
  engine.send('PATCH', path, { spec: { template } }, 'application/strategic-merge-patch+json');
  for (let each = 0; each < DELETES_PER_HOUR; each++) {
    engine.runFor(HOUR_S / DELETES_PER_HOUR);
    const { items } = engine.send('GET', `${PODS}?limit=1&labelSelector=app=${nameOf(each % DEPLOYMENTS)}`);
    engine.send('DELETE', `${PODS}/${items[0].metadata.name}`);
  }
}

function checkReady(engine) {
  const { items } = engine.send('GET', PATH);
  const ready = items.reduce((sum, { status }) => sum + (status.readyReplicas ?? 0), 0);
  // The last deletes may still be on their way.
  if (ready < DEPLOYMENTS * REPLICAS - DELETES_PER_HOUR) throw new Error(`${ready} pods are Ready`);
  return DEPLOYMENTS * REPLICAS;
}

const nameOf = (index) => `app-${index}`;
