// A Deployment from nothing to all its pods Ready and back to none, on nodes with kubelets, with every controller on.
import { apart } from './support/apart.mjs';
import { deployment } from './support/api.mjs';
import { cost, Engine } from './support/engine.mjs';

const PODS = 10_000;
/** Against which the cost of each pod is compared. */
const FEWER_PODS = 2_500;
const WORKERS = 100;
const WARM_UP_ROUNDS = 1;
const GROWTH_MAX = 1.5;
const STEP_S = 1;
const LIMIT_S = 600;
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const PODS_PATH = '/api/v1/namespaces/default/pods';

export async function scale({ profile }) {
  const { few, many } = await apart(import.meta.url, 'measure', {}, { profile });
  const rate = (spent, pods = PODS) => pods / spent.cpu;
  const clock = ({ wall }) => `${(PODS / wall).toFixed(0)}/s by the clock`;
  const growth = (direction) => ({
    name: `scaling ${direction}, a pod of ${PODS} against one of ${FEWER_PODS}`,
    value: rate(few[direction], FEWER_PODS) / rate(many[direction]),
    unit: 'x',
    atMost: GROWTH_MAX,
    detail: `${rate(few[direction], FEWER_PODS).toFixed(0)} and ${rate(many[direction]).toFixed(0)} pods/s of CPU time`,
  });
  return [
    {
      name: `a Deployment from ${PODS} pods to 0, against 0 to ${PODS}`,
      value: rate(many.down) / rate(many.up),
      unit: 'x',
      atLeast: 1,
      detail: `${rate(many.down).toFixed(0)} of ${rate(many.up).toFixed(0)} pods/s of CPU time; ${clock(many.down)} of ${clock(many.up)}; ${WORKERS} workers`,
    },
    growth('up'),
    growth('down'),
  ];
}

/** What it costs to have so many pods, and to have none again. */
export function measure() {
  const engine = new Engine({ workers: WORKERS });
  engine.send('POST', DEPLOYMENTS, deployment('web', 0));
  for (let round = 0; round < WARM_UP_ROUNDS; round++) upAndDown(engine, FEWER_PODS);
  return { few: upAndDown(engine, FEWER_PODS), many: upAndDown(engine, PODS) };
}

function upAndDown(engine, pods) {
  const ready = () => engine.send('GET', `${DEPLOYMENTS}/web`).status.readyReplicas ?? 0;
  return {
    up: resized(engine, pods, () => ready() === pods),
    down: resized(engine, 0, () => engine.count(PODS_PATH) === 0),
  };
}

function resized(engine, replicas, holds) {
  globalThis.gc?.();
  return cost(() => {
    engine.send('PATCH', `${DEPLOYMENTS}/web`, { spec: { replicas } }, 'application/merge-patch+json');
    engine.runUntil(holds, { step: STEP_S, limit: LIMIT_S });
  });
}
