// Reads of pods in each form, against a bare server that has the answer's bytes at hand: rounds in turn, the same client for both.
import { Api, kubernetes } from './support/api.mjs';
import { podBody } from './support/pod-body.mjs';
import { startFloor, startFlotilla, startLoad } from './support/processes.mjs';
import { median } from './support/statistics.mjs';

const ROUNDS = 5;
const WARM_UP_ROUNDS = 2;
const SIZES = { small: 500, large: 5_000 };
const FORMS = {
  JSON: 'application/json',
  protobuf: 'application/vnd.kubernetes.protobuf',
  Table: 'application/json;as=Table;v=v1;g=meta.k8s.io',
};
const CLUSTER = 'reads';

export async function reads({ profile }) {
  const [floor, flotilla, load] = [await startFloor(), await startFlotilla({ profile }), startLoad()];
  const api = await Api.open(flotilla);
  await api.createCluster(CLUSTER, { topology: { workers: 0 } });
  for (const [namespace, count] of Object.entries(SIZES)) {
    await api.send('POST', kubernetes(CLUSTER, '/api/v1/namespaces'), { metadata: { name: namespace } });
    const path = kubernetes(CLUSTER, `/api/v1/namespaces/${namespace}/pods`);
    const { host, port, token } = flotilla;
    await load.run('calls', {
      host,
      port,
      token,
      method: 'POST',
      path,
      body: podBody().toString(),
      count,
      connections: 16,
    });
  }
  const pods = (namespace) => kubernetes(CLUSTER, `/api/v1/namespaces/${namespace}/pods`);
  const figures = [];
  const measure = async (name, path, settings) => {
    for (const [form, accept] of Object.entries(FORMS)) {
      figures.push(await compared({ floor, flotilla, load }, `${name}, ${form}`, { path, accept, ...settings }));
    }
  };
  // Numbered: nobody reads the same pod again and again.
  await measure('GET of a pod', `${pods('large')}/pod-00000000`, { count: 4_000, connections: 16 });
  await measure(`LIST of ${SIZES.small} pods`, pods('small'), { count: 40, connections: 2 });
  await measure(`LIST of ${SIZES.large} pods`, pods('large'), { count: 6, connections: 1 });
  api.close();
  await Promise.all([floor.stop(), flotilla.stop(), load.stop()]);
  return figures;
}

async function compared({ floor, flotilla, load }, name, { path, accept, count, connections }) {
  const common = { method: 'GET', accept, connections };
  const run = ({ host, port, token }, settings) => load.run('calls', { host, port, token, ...common, ...settings });
  const { bytes } = await run(flotilla, { path, count: 1 });
  const ratios = [];
  const rates = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const below = await run(floor, { path: `/bytes/${bytes}`, count });
    const above = await run(flotilla, { path, count });
    if (round < WARM_UP_ROUNDS) continue;
    ratios.push(above.perSecond / below.perSecond);
    rates.push(above.perSecond);
  }
  return {
    name: `${name}, share of the floor`,
    value: median(ratios),
    unit: '',
    atLeast: 0.6,
    detail: `${median(rates).toFixed(0)}/s, ${bytes.toFixed(0)} bytes`,
  };
}
