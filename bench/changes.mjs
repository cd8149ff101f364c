// Changes of stored pods, against the floor of durable writes with the same body: rounds in turn, the same client for both.
import { Api, kubernetes } from './support/api.mjs';
import { podBody } from './support/pod-body.mjs';
import { startFloor, startFlotilla, startLoad } from './support/processes.mjs';
import { median } from './support/statistics.mjs';

const PODS = 2_000;
const CONNECTIONS = 64;
const ROUNDS = 5;
const WARM_UP_ROUNDS = 3;
const CLUSTER = 'changes';
const POD = '/api/v1/namespaces/default/pods/pod-00000000';

/** Each round says something new, as a change that changes nothing is none. */
const CHANGES = {
  'status patches': {
    path: `${POD}/status`,
    contentType: 'application/strategic-merge-patch+json',
    bodyOf: (round) => ({
      status: { conditions: [{ type: 'Ready', status: 'True', reason: `Round${round}`, message: 'pod-00000000' }] },
    }),
    atLeast: 0.25,
  },
  applies: {
    path: `${POD}?fieldManager=bench&force=true`,
    contentType: 'application/apply-patch+yaml',
    bodyOf: (round) => {
      const pod = JSON.parse(podBody().toString());
      return { ...pod, metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, round: `${round}` } } };
    },
    atLeast: 0.25,
  },
};

export async function changes({ profile }) {
  const [floor, flotilla, load] = [await startFloor(), await startFlotilla({ profile }), startLoad()];
  const api = await Api.open(flotilla);
  await api.createCluster(CLUSTER, { topology: { workers: 0 } });
  const run = ({ host, port, token }, settings) =>
    load.run('calls', { host, port, token, count: PODS, connections: CONNECTIONS, ...settings });
  const pods = kubernetes(CLUSTER, '/api/v1/namespaces/default/pods');
  await run(flotilla, { method: 'POST', path: pods, body: podBody().toString() });
  const figures = [];
  for (const [name, { path, contentType, bodyOf, atLeast }] of Object.entries(CHANGES)) {
    const ratios = [];
    const rates = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const body = JSON.stringify(bodyOf(round));
      const below = await run(floor, { method: 'POST', path: '/pods', body });
      const above = await run(flotilla, { method: 'PATCH', path: kubernetes(CLUSTER, path), contentType, body });
      if (round < WARM_UP_ROUNDS) continue;
      ratios.push(above.perSecond / below.perSecond);
      rates.push(above.perSecond);
    }
    figures.push({
      name: `durable ${name}, share of the floor`,
      value: median(ratios),
      unit: '',
      atLeast,
      detail: `${median(rates).toFixed(0)}/s; ${CONNECTIONS} connections`,
    });
  }
  figures.push(await tracking(run, flotilla));
  api.close();
  await Promise.all([floor.stop(), flotilla.stop(), load.stop()]);
  return figures;
}

/** What it costs to know who owns which field: the same patches of pods with managers and of pods without any. */
async function tracking(run, flotilla) {
  const { path, contentType, bodyOf } = CHANGES['status patches'];
  const patched = async (label) => {
    const rates = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const body = JSON.stringify(bodyOf(`${label}${round}`));
      const { perSecond } = await run(flotilla, {
        method: 'PATCH',
        path: kubernetes(CLUSTER, path),
        contentType,
        body,
      });
      if (round >= WARM_UP_ROUNDS) rates.push(perSecond);
    }
    return median(rates);
  };
  const tracked = await patched('Tracked');
  const forgotten = JSON.stringify({ metadata: { managedFields: [{}] } });
  const merge = { method: 'PATCH', path: kubernetes(CLUSTER, POD), contentType: 'application/merge-patch+json' };
  await run(flotilla, { ...merge, body: forgotten });
  const untracked = await patched('Untracked');
  return {
    name: 'status patches with managedFields, share of those without',
    value: tracked / untracked,
    unit: '',
    atLeast: 0.6,
    detail: `${tracked.toFixed(0)}/s of ${untracked.toFixed(0)}/s`,
  };
}
