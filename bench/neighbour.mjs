// How a quiet cluster answers while another one in the same process scales a Deployment from nothing to thousands of pods.
import { performance } from 'node:perf_hooks';
import { Api, deployment, kubernetes } from './support/api.mjs';
import { startFlotilla, startLoad } from './support/processes.mjs';

const PODS = 5_000;
const WORKERS = 60;
const BEAT_MS = 5;
const WARM_UP_PODS = 500;

export async function neighbour({ profile }) {
  const [flotilla, load] = [await startFlotilla({ profile }), startLoad()];
  const api = await Api.open(flotilla);
  await api.createCluster('quiet');
  await api.createCluster('busy', { topology: { workers: WORKERS } });
  const path = kubernetes('busy', '/apis/apps/v1/namespaces/default/deployments');
  await api.send('POST', path, deployment('web', 0));
  await scale(api, path, WARM_UP_PODS);
  await scale(api, path, 0);
  const { host, port, token } = flotilla;
  const probing = load.run('probe', { host, port, token, path: kubernetes('quiet', '/api/v1/nodes'), beatMs: BEAT_MS });
  const start = performance.now();
  await scale(api, path, PODS);
  const seconds = (performance.now() - start) / 1_000;
  load.end();
  const { count, p50, p99, max } = await probing;
  api.close();
  await Promise.all([flotilla.stop(), load.stop()]);
  return [
    {
      name: `a quiet cluster's GET beside 0 to ${PODS} pods, p99`,
      value: p99,
      unit: 'ms',
      atMost: 50,
      detail: `p50 ${p50.toFixed(1)} ms, max ${max.toFixed(0)} ms of ${count} in ${seconds.toFixed(1)} s (${(PODS / seconds).toFixed(0)} pods/s)`,
    },
  ];
}

async function scale(api, path, replicas) {
  const isDone = ({ spec, status }) =>
    spec.replicas === replicas && (status?.readyReplicas ?? 0) === replicas && (status?.replicas ?? 0) === replicas;
  const done = api.waitFor(`${path}?watch=1`, isDone);
  const current = await api.send('GET', `${path}/web/scale`);
  await api.send('PUT', `${path}/web/scale`, { ...current, spec: { replicas } });
  await done;
}
