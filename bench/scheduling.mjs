// Upstream's scheduler_perf workloads: from the POST of a pod to its Binding, API server and scheduler in one process as
// there. Nodes are objects without kubelets, controllers are off. Pods arrive by the cluster's clock, at the wanted rate:
// what goes on meanwhile does so as often for each pod as it would at that rate.
import { apart } from './support/apart.mjs';
import { cost, Engine } from './support/engine.mjs';
import {
  FIRST_NAMESPACE,
  MEASURED_NAMESPACE,
  pod,
  podsOf,
  post,
  prepare,
  WORKLOADS,
} from './support/scheduler-perf.mjs';

const NODES = 5_000;
const SIZES = [100, 1_000, NODES];
/** For the comparison of cluster sizes: so many pods are there at first, so that paths are compiled. */
const WARM_UP_PODS = 1_500;
const COMPARED_PODS = 1_500;
const RATIO_MAX = 3;
const ARRIVAL_MS = 200;
const BOUND = 'fieldSelector=spec.nodeName!=';

export async function scheduling({ profile }) {
  const figures = [];
  for (const [name, { atLeast, initial, measured, asked = measured }] of Object.entries(WORKLOADS)) {
    const { cpu, wall } = await apart(import.meta.url, 'measure', { name, nodes: NODES }, { profile });
    figures.push({
      name: `${name}, ${NODES} nodes`,
      value: asked / cpu,
      unit: 'pods/s',
      atLeast,
      detail: `CPU time, ${(asked / wall).toFixed(0)}/s by the clock; ${initial} pods before ${asked}${asked < measured ? ` (upstream ${measured})` : ''}`,
    });
  }
  figures.push(await bySize({ profile }));
  return figures;
}

async function bySize({ profile }) {
  const micros = [];
  for (const nodes of SIZES) {
    const settings = { name: 'SchedulingBasic', nodes, initial: WARM_UP_PODS, asked: COMPARED_PODS };
    const { cpu } = await apart(import.meta.url, 'measure', settings, { profile });
    micros.push((cpu / COMPARED_PODS) * 1_000_000);
  }
  return {
    name: `cost of a pod, ${SIZES.at(-1)} nodes against ${SIZES[0]}`,
    value: Math.max(...micros) / Math.min(...micros),
    unit: 'x',
    atMost: RATIO_MAX,
    detail: SIZES.map((nodes, index) => `${nodes} nodes ${micros[index].toFixed(0)} µs`).join(', '),
  };
}

/** One workload in this process. */
export function measure({ name, nodes, ...shape }) {
  const workload = { ...WORKLOADS[name], ...shape };
  const { initial, measured, asked = measured, atLeast, meanwhile } = workload;
  const podOf = workload.pod ?? pod;
  const initialPodOf = workload.initialPod ?? (workload.isInitialAlike === true ? podOf : pod);
  const engine = new Engine({ controllers: ['serviceaccount-controller'] });
  prepare(engine, workload, nodes);
  for (let index = 0; index < initial; index++)
    engine.send('POST', podsOf(FIRST_NAMESPACE), initialPodOf(`first-${index}`));
  engine.runFor(1);
  checkBound(engine, FIRST_NAMESPACE, 'first-', initial);
  globalThis.gc?.();
  const perArrival = Math.ceil((atLeast * ARRIVAL_MS) / 1_000);
  const spent = cost(() => {
    let due = engine.now;
    for (let sent = 0, churned = 0; sent < asked;) {
      if (meanwhile !== undefined && engine.now >= due) {
        meanwhile.create(engine, churned++);
        due += meanwhile.everyMs;
      }
      for (const end = Math.min(sent + perArrival, asked); sent < end; sent++) post(engine, podOf(`measured-${sent}`));
      engine.runFor(ARRIVAL_MS / 1_000);
    }
  });
  checkBound(engine, MEASURED_NAMESPACE, 'measured-', asked);
  return spent;
}

/** Nothing is believed: every pod must have its node. */
function checkBound(engine, namespace, prefix, wanted) {
  const { items } = engine.send('GET', `${podsOf(namespace)}?${BOUND}`);
  const bound = items.filter(({ metadata }) => metadata.name.startsWith(prefix)).length;
  if (bound < wanted) throw new Error(`${bound} of ${wanted} pods are bound in ${namespace}`);
}
