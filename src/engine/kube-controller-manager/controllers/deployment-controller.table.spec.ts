import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const WEB = 'deployments/team/web';
const ONE = 'replicasets/team/one';
const TWO = 'replicasets/team/two';
const THREE = 'replicasets/team/three';
const REVISION = 'deployment.kubernetes.io/revision';
const HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAX = 'deployment.kubernetes.io/max-replicas';
const team: Json = { 'namespaces/team': { spec: {} }, 'serviceaccounts/team/default': {} };
const labels = { app: 'web' };

const template = (image: string, more: Json = {}): Json => ({
  metadata: { labels: { ...labels, ...more } },
  spec: { containers: [{ name: 'c', image }] },
});
const web = (spec: Json = {}, rest: Json = {}): Json => ({
  spec: { replicas: 4, selector: { matchLabels: labels }, template: template('i:2'), ...spec },
  ...rest,
});
const rolling = (maxSurge: Json, maxUnavailable: Json): Json => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});

interface SetState {
  readonly revision: number;
  readonly replicas: number;
  readonly available?: number;
  readonly image?: string;
  readonly desired?: number;
  readonly max?: number;
  readonly annotations?: Json;
}

/** A set of the Deployment. */
function setOf(name: string, { revision, replicas, available = replicas, image, ...rest }: SetState): Json {
  const { desired = 4, max = 5, annotations = {} } = rest;
  const hash = { 'pod-template-hash': name };
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: `@${WEB}`, controller: true };
  return {
    metadata: {
      labels: { ...labels, ...hash },
      annotations: { [REVISION]: `${revision}`, [DESIRED]: `${desired}`, [MAX]: `${max}`, ...annotations },
      ownerReferences: [owner],
    },
    spec: {
      replicas,
      selector: { matchLabels: { ...labels, ...hash } },
      template: template(image ?? `i:${revision}`, hash),
    },
    status: { replicas, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
  };
}

const sized = (replicas: number): Json => ({ spec: { replicas } });
const scaled = (way: string, name: string, from: number, to: number): string =>
  `Deployment/web Normal ScalingReplicaSet: Scaled ${way} replica set ${name} from ${from} to ${to}`;
const progress = (status: string, reason: string, message: string): Json => ({
  type: 'Progressing',
  status,
  reason,
  message,
});

describe('deployment-controller: rolling', () => {
  controllerTable('deployment-controller', [
    {
      name: 'grows the new set as far as the surge allows, before it looks at the old one',
      before: {
        ...team,
        [WEB]: web(rolling(1, 1)),
        [ONE]: setOf('one', { revision: 1, replicas: 4 }),
        [TWO]: setOf('two', { revision: 2, replicas: 0 }),
      },
      after: {
        [TWO]: { ...sized(2), metadata: { annotations: { [DESIRED]: '4', [MAX]: '5' } } },
        // The new pods are not available, but the four old ones are: one of them may be missing, which makes room for one.
        [ONE]: sized(3),
      },
      events: [scaled('up', 'two', 0, 1), scaled('down', 'one', 4, 3), scaled('up', 'two', 1, 2)],
    },
    {
      name: 'keeps all available pods where none may be missing',
      before: {
        ...team,
        [WEB]: web(rolling(1, 0)),
        [ONE]: setOf('one', { revision: 1, replicas: 4 }),
        [TWO]: setOf('two', { revision: 2, replicas: 0 }),
      },
      after: {
        [TWO]: sized(1),
        [ONE]: sized(4),
        [WEB]: { status: { unavailableReplicas: 1, availableReplicas: 4 } },
      },
      events: [scaled('up', 'two', 0, 1)],
    },
    {
      name: 'lets pods go first that are not available, of the oldest set first',
      before: {
        ...team,
        [WEB]: web({ replicas: 10, ...rolling(0, 2) }),
        [ONE]: setOf('one', { revision: 1, replicas: 4, available: 3, image: 'i:0', desired: 10, max: 10 }),
        [TWO]: setOf('two', { revision: 2, replicas: 4, available: 4, image: 'i:1', desired: 10, max: 10 }),
        [THREE]: setOf('three', { revision: 3, replicas: 2, available: 2, image: 'i:2', desired: 10, max: 10 }),
      },
      // 10 pods, 8 must be available: one that is not goes, and one of the nine that are.
      after: { [ONE]: sized(2), [TWO]: sized(4), [THREE]: sized(4) },
      events: [scaled('down', 'one', 4, 3), scaled('down', 'one', 3, 2), scaled('up', 'three', 2, 4)],
    },
    {
      name: 'lets none go while the new pods are those that are missing',
      before: {
        ...team,
        [WEB]: web(rolling(0, 1)),
        [ONE]: setOf('one', { revision: 1, replicas: 3, desired: 4, max: 4 }),
        [TWO]: setOf('two', { revision: 2, replicas: 1, available: 0, desired: 4, max: 4 }),
      },
      after: { [ONE]: sized(3), [TWO]: sized(1) },
    },
    {
      name: 'shrinks a new set that is larger than asked for, even when nobody told it so',
      before: { ...team, [WEB]: web(), [TWO]: setOf('two', { revision: 2, replicas: 6 }) },
      after: { [TWO]: sized(4) },
      events: [scaled('down', 'two', 6, 4)],
    },
    {
      name: 'takes the oldest of the sets with its template for its own, and shrinks the other',
      before: {
        ...team,
        [WEB]: web(rolling(1, 1)),
        [ONE]: setOf('one', { revision: 1, replicas: 2, image: 'i:2' }),
        [TWO]: setOf('two', { revision: 2, replicas: 2, image: 'i:2' }),
      },
      after: {
        [ONE]: { ...sized(4), metadata: { annotations: { [REVISION]: '3', [HISTORY]: '1' } } },
        [TWO]: sized(1),
      },
      events: [scaled('up', 'one', 2, 3), scaled('down', 'two', 2, 1), scaled('up', 'one', 3, 4)],
    },
    {
      name: 'is done when all pods are of the new set and available',
      before: { ...team, [WEB]: web(), [TWO]: setOf('two', { revision: 2, replicas: 4 }) },
      after: {
        [WEB]: {
          metadata: { annotations: { [REVISION]: '2' } },
          status: {
            observedGeneration: 1,
            replicas: 4,
            updatedReplicas: 4,
            readyReplicas: 4,
            availableReplicas: 4,
            unavailableReplicas: undefined,
            conditions: [
              {
                type: 'Available',
                status: 'True',
                reason: 'MinimumReplicasAvailable',
                message: 'Deployment has minimum availability.',
              },
              progress('True', 'NewReplicaSetAvailable', 'ReplicaSet "two" has successfully progressed.'),
            ],
          },
        },
      },
    },
    {
      name: 'says nothing of progress where there is no deadline',
      before: {
        ...team,
        [WEB]: web({ progressDeadlineSeconds: 2147483647 }),
        [TWO]: setOf('two', { revision: 2, replicas: 4 }),
      },
      after: { [WEB]: { status: { conditions: [{ type: 'Available' }] } } },
    },
    {
      name: 'says once that the deadline is over, and goes on saying it',
      before: {
        ...team,
        [WEB]: web({ progressDeadlineSeconds: 10 }),
        [TWO]: setOf('two', { revision: 2, replicas: 4, available: 2 }),
      },
      seconds: 60,
      after: {
        [WEB]: {
          status: {
            conditions: [
              {
                type: 'Available',
                status: 'False',
                reason: 'MinimumReplicasUnavailable',
                message: 'Deployment does not have minimum availability.',
              },
              progress('False', 'ProgressDeadlineExceeded', 'ReplicaSet "two" has timed out progressing.'),
            ],
          },
        },
      },
    },
    {
      name: 'hands on what a set failed at',
      before: {
        ...team,
        [WEB]: web(),
        [TWO]: {
          ...setOf('two', { revision: 2, replicas: 4, available: 0 }),
          status: {
            replicas: 0,
            observedGeneration: 1,
            conditions: [
              {
                type: 'ReplicaFailure',
                status: 'True',
                reason: 'FailedCreate',
                message: 'no',
                lastTransitionTime: '2026-01-01T00:00:00Z',
              },
            ],
          },
        },
      },
      after: {
        [WEB]: {
          status: {
            conditions: [
              { type: 'Progressing' },
              { type: 'Available' },
              { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'no' },
            ],
          },
        },
      },
    },
    {
      name: 'hands its annotations on, its own ones and those of kubectl apart',
      before: {
        ...team,
        [WEB]: web(
          {},
          { metadata: { annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } } },
        ),
        [TWO]: setOf('two', { revision: 2, replicas: 4, annotations: { old: 'y' } }),
      },
      after: {
        [TWO]: {
          metadata: {
            annotations: { note: 'x', old: 'y', 'kubectl.kubernetes.io/last-applied-configuration': undefined },
          },
        },
      },
    },
    {
      name: 'hands minReadySeconds on to the set that there is',
      before: { ...team, [WEB]: web({ minReadySeconds: 7 }), [TWO]: setOf('two', { revision: 2, replicas: 4 }) },
      after: { [TWO]: { spec: { minReadySeconds: 7 } } },
    },
  ]);
});
