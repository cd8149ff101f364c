// What it costs a request that its user's rights are looked up among many bindings: beside the same request of a user who may
// do everything, whose rights nobody looks up.
import { performance } from 'node:perf_hooks';
import { Api, kubernetes } from './support/api.mjs';
import { Connection, requestBytes } from './support/connection.mjs';
import { startFlotilla } from './support/processes.mjs';
import { median } from './support/statistics.mjs';

const CLUSTER = 'bindings';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const BINDINGS = 500;
const WARM_UP = 2_000;
const COUNT = 10_000;
const PATH = kubernetes(CLUSTER, '/api/v1/namespaces/default/configmaps/kube-root-ca.crt');
const ROLE = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };

export async function authorization({ profile }) {
  const flotilla = await startFlotilla({ profile });
  const api = await Api.open(flotilla);
  await api.createCluster(CLUSTER);
  for (let number = 0; number < BINDINGS; number++) await bind(api, number);
  const requests = [
    await requestOf(api, { user: 'root', groups: ['system:masters'] }),
    await requestOf(api, { user: `user-${BINDINGS - 1}`, groups: [] }),
  ];
  const connection = await Connection.open(flotilla);
  const took = requests.map(() => []);
  for (let number = 0; number < WARM_UP + COUNT; number++) {
    for (const [index, request] of requests.entries()) {
      const start = performance.now();
      const { status } = await connection.send(request);
      if (status !== 200) throw new Error(`a request was answered ${status}`);
      if (number >= WARM_UP) took[index].push((performance.now() - start) * 1_000);
    }
  }
  connection.close();
  api.close();
  await flotilla.stop();
  const [without, looked] = took.map(median);
  return [
    {
      name: `rights among ${BINDINGS} bindings, a request`,
      value: looked - without,
      unit: 'µs',
      atMost: 10,
      detail: `medians of ${COUNT}: ${looked.toFixed(0)} µs, and ${without.toFixed(0)} µs for who may do everything`,
    },
  ];
}

/** Half of them in the namespace, half for the whole cluster; each for a user and a group of its own. */
async function bind(api, number) {
  const isOfNamespace = number % 2 === 1;
  const [kind, path] = isOfNamespace
    ? ['RoleBinding', `${RBAC}/namespaces/default/rolebindings`]
    : ['ClusterRoleBinding', `${RBAC}/clusterrolebindings`];
  const subjects = ['User', 'Group'].map((each) => ({
    apiGroup: 'rbac.authorization.k8s.io',
    kind: each,
    name: `${each.toLowerCase()}-${number}`,
  }));
  const metadata = { name: `binding-${number}` };
  await api.send('POST', kubernetes(CLUSTER, path), {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata,
    roleRef: ROLE,
    subjects,
  });
}

async function requestOf(api, who) {
  const path = `/api/v1/tenants/default/clusters/${CLUSTER}/kubeconfig`;
  const { status, body } = await api.ask('POST', path, who);
  const [, token] = /token: (\S+)/.exec(body.toString()) ?? [];
  if (token === undefined) throw new Error(`there is no kubeconfig: ${status}`);
  return requestBytes({ method: 'GET', path: PATH, token });
}
