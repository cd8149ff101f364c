// The workloads of upstream's test/integration/scheduler_perf, by their names there and at its largest shapes: which
// nodes and pods there are at first, which pods are measured, and what goes on meanwhile.
const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
/** For pods that upstream gives a priority of 10 by its number. */
const PRIORITY = { name: 'scheduler-perf', value: 10 };
export const MEASURED_NAMESPACE = 'sched-1';
export const FIRST_NAMESPACE = 'sched-0';

/** `measured` is upstream's number of pods, `asked` how many of them are measured here where that is fewer. */
export const WORKLOADS = {
  SchedulingBasic: { initial: 1_000, measured: 10_000, asked: 5_000, atLeast: 680 },
  SchedulingNodeAffinity: {
    zones: ['zone1'],
    initial: 5_000,
    measured: 10_000,
    asked: 5_000,
    atLeast: 220,
    pod: (name) =>
      pod(name, { affinity: { nodeAffinity: required({ nodeSelectorTerms: [inZones('zone1', 'zone2')] }) } }),
  },
  SchedulingPodAffinity: {
    zones: ['zone1'],
    initial: 5_000,
    measured: 5_000,
    atLeast: 35,
    pod: (name) => pod(name, { labels: { color: 'blue' }, affinity: { podAffinity: together('blue', ZONE) } }),
    isInitialAlike: true,
  },
  SchedulingPodAntiAffinity: {
    initial: 1_000,
    measured: 2_000,
    atLeast: 60,
    pod: (name) => pod(name, { labels: { color: 'green' }, affinity: { podAntiAffinity: together('green', HOST) } }),
    isInitialAlike: true,
  },
  TopologySpreading: {
    zones: ['moon-1', 'moon-2', 'moon-3'],
    initial: 5_000,
    measured: 5_000,
    atLeast: 460,
    pod: (name) => pod(name, { labels: { color: 'blue' }, topologySpreadConstraints: [spread('blue')] }),
  },
  PreemptionAsync: {
    initial: 20_000,
    measured: 5_000,
    atLeast: 570,
    initialPod: (name) => pod(name, { cpu: '900m', terminationGracePeriodSeconds: 0 }),
    meanwhile: { everyMs: 200, create: (engine, number) => post(engine, important(`high-${number}`, { cpu: '3' })) },
  },
  Unschedulable: {
    initial: 100,
    measured: 10_000,
    asked: 5_000,
    atLeast: 590,
    meanwhile: { everyMs: 200, create: (engine, number) => post(engine, important(`large-${number}`, { cpu: '9' })) },
  },
  SchedulingWithMixedChurn: {
    initial: 0,
    measured: 10_000,
    asked: 5_000,
    atLeast: 710,
    meanwhile: { everyMs: 1_000, create: churn },
  },
};

/** Makes the nodes and what pods need besides. Nobody reports for such nodes, and nobody minds. */
export function prepare(engine, { zones }, nodes) {
  for (const name of [FIRST_NAMESPACE, MEASURED_NAMESPACE])
    engine.send('POST', '/api/v1/namespaces', { metadata: { name } });
  engine.send('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', {
    metadata: { name: PRIORITY.name },
    value: PRIORITY.value,
  });
  for (let index = 0; index < nodes; index++) {
    const zone = zones?.[index % zones.length];
    addNode(engine, `node-${index}`, { labels: zone === undefined ? {} : { [ZONE]: zone }, pods: '110' });
  }
  engine.runFor(1);
}

export const post = (engine, object) => engine.send('POST', podsOf(MEASURED_NAMESPACE), object);
export const podsOf = (namespace) => `/api/v1/namespaces/${namespace}/pods`;

export function pod(name, { labels, cpu = '100m', memory = '500Mi', limits = { cpu, memory }, ...spec } = {}) {
  const container = {
    name: 'pause',
    image: 'registry.k8s.io/pause:3.10.1',
    ports: [{ containerPort: 80 }],
    resources: { requests: { cpu, memory }, limits },
  };
  return { metadata: { name, labels }, spec: { containers: [container], ...spec } };
}

const important = (name, { cpu }) => pod(name, { cpu, priorityClassName: PRIORITY.name });

/** A node whose controller would have found it ready: upstream runs without that controller and without its taint. */
function addNode(engine, name, { labels = {}, pods }) {
  const capacity = { cpu: '4', memory: '32Gi', pods };
  engine.send('POST', '/api/v1/nodes', {
    metadata: { name, labels: { [HOST]: name, ...labels } },
    status: { capacity, conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const untainted = { spec: { taints: null } };
  engine.send('PATCH', `/api/v1/nodes/${name}`, untainted, 'application/merge-patch+json');
}

/** A node without room, a pod that fits nowhere and a service: made and removed in turn. */
function churn(engine, number) {
  const made = { node: '/api/v1/nodes/churn', pod: `${podsOf(FIRST_NAMESPACE)}/churn`, service: SERVICE_PATH };
  if (number % 2 === 1) {
    for (const path of Object.values(made)) engine.send('DELETE', path);
    return;
  }
  addNode(engine, 'churn', { pods: '0' });
  engine.send('POST', podsOf(FIRST_NAMESPACE), important('churn', { cpu: '9' }));
  const ports = [{ protocol: 'TCP', port: 8080, targetPort: 8080 }];
  engine.send('POST', SERVICES, { metadata: { name: 'churn' }, spec: { selector: { app: 'foo' }, ports } });
}

const SERVICES = `/api/v1/namespaces/${FIRST_NAMESPACE}/services`;
const SERVICE_PATH = `${SERVICES}/churn`;

const required = (terms) => ({ requiredDuringSchedulingIgnoredDuringExecution: terms });
const inZones = (...values) => ({ matchExpressions: [{ key: ZONE, operator: 'In', values }] });
const coloured = (color) => ({ matchLabels: { color } });
const together = (color, topologyKey) =>
  required([{ labelSelector: coloured(color), topologyKey, namespaces: [MEASURED_NAMESPACE, FIRST_NAMESPACE] }]);
const spread = (color) => ({
  maxSkew: 5,
  topologyKey: ZONE,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: coloured(color),
});
