import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const BUDGET = 'poddisruptionbudgets/team/b';
const SET = 'replicasets/team/set';
const labels = { app: 'x' };
const team: Json = { 'namespaces/team': { spec: {} }, 'serviceaccounts/team/default': {} };
const UNMANAGED =
  'PodDisruptionBudget/b Warning UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: x,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value. (x2)';

// Its own change of the status makes the controller look, and speak, once more, as upstream's does.
const budget = (spec: Json, status?: Json): Json => ({
  spec: { selector: { matchLabels: labels }, ...spec },
  ...(status === undefined ? {} : { status }),
});
const setOf = (replicas: number, owner?: Json): Json => ({
  ...(owner === undefined ? {} : { metadata: { ownerReferences: [owner] } }),
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
});
const ownedBy = (path: string, kind = 'ReplicaSet'): Json => ({
  apiVersion: 'apps/v1',
  kind,
  name: path.slice(path.lastIndexOf('/') + 1),
  uid: `@${path}`,
  controller: true,
});
const podOf = (ready: boolean, owner?: Json, metadata: Json = {}): Json => ({
  metadata: { labels, ...(owner === undefined ? {} : { ownerReferences: [owner] }), ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], nodeName: 'n' },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const counted = (allowed: number, healthy: number, desired: number, expected: number): Json => ({
  status: {
    observedGeneration: 1,
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: [
      {
        type: 'DisruptionAllowed',
        status: allowed > 0 ? 'True' : 'False',
        reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
        message: '',
        observedGeneration: 1,
      },
    ],
  },
});

/** A budget of three pods of one set, the last of which is not ready. */
const three = (spec: Json, replicas = 3): Json => ({
  ...team,
  [SET]: setOf(replicas),
  'pods/team/p1': podOf(true, ownedBy(SET)),
  'pods/team/p2': podOf(true, ownedBy(SET)),
  'pods/team/p3': podOf(false, ownedBy(SET)),
  [BUDGET]: budget(spec),
});

describe('disruption-controller', () => {
  controllerTable('disruption-controller', [
    { name: 'keeps a number', before: three({ minAvailable: 1 }), after: { [BUDGET]: counted(1, 2, 1, 3) } },
    {
      name: 'counts only the pods that there are where it keeps a number',
      before: three({ minAvailable: 1 }, 9),
      after: { [BUDGET]: counted(1, 2, 1, 3) },
    },
    {
      name: 'rounds the share that it keeps up',
      before: three({ minAvailable: '50%' }),
      after: { [BUDGET]: counted(0, 2, 2, 3) },
    },
    {
      name: 'takes the share of what the owner asks for',
      before: three({ minAvailable: '10%' }, 11),
      after: { [BUDGET]: counted(0, 2, 2, 11) },
    },
    {
      name: 'rounds the share that may be missing up',
      before: three({ maxUnavailable: '34%' }),
      after: { [BUDGET]: counted(1, 2, 1, 3) },
    },
    {
      name: 'wants none where more may be missing than there are',
      before: three({ maxUnavailable: 5 }),
      after: { [BUDGET]: counted(2, 2, 0, 3) },
    },
    {
      name: 'allows nothing where no pods are expected',
      before: three({ maxUnavailable: 1 }, 0),
      after: { [BUDGET]: counted(0, 2, 0, 0) },
    },
    {
      name: 'says that there are no pods',
      before: { ...team, [BUDGET]: budget({ minAvailable: 1 }) },
      after: { [BUDGET]: counted(0, 0, 1, 0) },
      events: ['PodDisruptionBudget/b Normal NoPods: No matching pods found (x2)'],
    },
    {
      name: 'guards nothing without a selector, and everything with an empty one',
      before: {
        ...team,
        'pods/team/p1': podOf(true),
        [BUDGET]: { spec: { minAvailable: 0, selector: {} } },
        'poddisruptionbudgets/team/none': { spec: { minAvailable: 0 } },
      },
      after: { [BUDGET]: counted(1, 1, 0, 1), 'poddisruptionbudgets/team/none': counted(0, 0, 0, 0) },
      events: ['PodDisruptionBudget/none Normal NoPods: No matching pods found (x2)'],
    },
    {
      name: 'does not count a pod on its way out as healthy',
      before: {
        ...team,
        'pods/team/p1': podOf(true),
        'pods/team/p2': podOf(true, undefined, { deletionTimestamp: 'now', finalizers: ['example.com/see'] }),
        [BUDGET]: budget({ minAvailable: 0 }),
      },
      after: { [BUDGET]: counted(1, 1, 0, 2) },
    },
    {
      name: 'takes a Deployment over its sets',
      before: {
        ...team,
        'deployments/team/d': {
          spec: {
            replicas: 2,
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
          },
        },
        [SET]: setOf(2, ownedBy('deployments/team/d', 'Deployment')),
        'replicasets/team/other': setOf(1, ownedBy('deployments/team/d', 'Deployment')),
        'pods/team/p1': podOf(true, ownedBy(SET)),
        'pods/team/p2': podOf(true, ownedBy('replicasets/team/other')),
        [BUDGET]: budget({ maxUnavailable: 1 }),
      },
      after: { [BUDGET]: counted(1, 2, 1, 2) },
    },
    {
      name: 'adds up the owners of its pods',
      before: {
        ...team,
        [SET]: setOf(2),
        'replicasets/team/other': setOf(3),
        'pods/team/p1': podOf(true, ownedBy(SET)),
        'pods/team/p2': podOf(true, ownedBy('replicasets/team/other')),
        [BUDGET]: budget({ maxUnavailable: 4 }),
      },
      after: { [BUDGET]: counted(1, 2, 1, 5) },
    },
    {
      name: 'warns of pods that nobody controls, and leaves them out of what is expected',
      before: { ...team, 'pods/team/p1': podOf(true), [BUDGET]: budget({ maxUnavailable: 1 }) },
      after: { [BUDGET]: counted(0, 1, 0, 0) },
      events: [UNMANAGED],
    },
    {
      name: 'counts pods that nobody controls where it keeps a number',
      before: { ...team, 'pods/team/p1': podOf(true), [BUDGET]: budget({ minAvailable: 0 }) },
      after: { [BUDGET]: counted(1, 1, 0, 1) },
    },
    {
      name: 'allows nothing while an owner is missing, and tries again until there is one',
      before: {
        ...team,
        'pods/team/p1': podOf(true, {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'gone',
          uid: '7d6cfe8c-0000-4000-8000-000000000000',
          controller: true,
        }),
        [BUDGET]: budget({ maxUnavailable: 1 }),
      },
      seconds: 0.004,
      after: {
        [BUDGET]: {
          status: {
            disruptionsAllowed: 0,
            conditions: [
              {
                type: 'DisruptionAllowed',
                status: 'False',
                reason: 'SyncFailed',
                message: 'found no controllers for pod "p1"',
              },
            ],
          },
        },
      },
      events: [
        'PodDisruptionBudget/b Warning CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: found no controllers for pod "p1" (x2)',
      ],
    },
    {
      name: 'says again, ever more rarely, that an owner is missing',
      before: {
        ...team,
        'pods/team/p1': podOf(true, { ...ownedBy(SET), uid: '7d6cfe8c-0000-4000-8000-000000000000' }),
        [SET]: setOf(1),
        [BUDGET]: budget({ maxUnavailable: 1 }),
      },
      seconds: 0.05,
      events: [
        'PodDisruptionBudget/b Warning CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: found no controllers for pod "p1" (x4)',
      ],
    },
    {
      name: 'says that a pod is of two budgets',
      before: {
        ...team,
        [BUDGET]: budget({ minAvailable: 0 }),
        'poddisruptionbudgets/team/c': budget({ minAvailable: 0 }),
      },
      act: (world) => world.put('pods/team/p1', podOf(true)),
      events: [
        'PodDisruptionBudget/b Normal NoPods: No matching pods found (x2)',
        'PodDisruptionBudget/c Normal NoPods: No matching pods found (x2)',
        'Pod/p1 Warning MultiplePodDisruptionBudgets: Pod "team"/"p1" matches multiple PodDisruptionBudgets.  Chose "b" arbitrarily. (x2)',
      ],
    },
  ]);
});
