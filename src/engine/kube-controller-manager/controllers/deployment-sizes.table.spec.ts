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
const ROLLBACK = 'deprecated.deployment.rollback.to';
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

describe('deployment-controller: sizes, pauses and ways back', () => {
  controllerTable('deployment-controller', [
    {
      name: 'spreads what comes over the sets of a rollout, the larger gets what is left over',
      before: {
        ...team,
        [WEB]: web({ replicas: 10, ...rolling(0, 2) }),
        [ONE]: setOf('one', { revision: 1, replicas: 3, desired: 5, max: 5 }),
        [TWO]: setOf('two', { revision: 2, replicas: 2, available: 0, desired: 5, max: 5 }),
      },
      act: () => undefined,
      seconds: 0.01,
      after: { [ONE]: sized(6), [TWO]: sized(4) },
      events: [scaled('up', 'one', 3, 6), scaled('up', 'two', 2, 4)],
    },
    {
      name: 'takes everything from all sets where none is asked for',
      before: {
        ...team,
        [WEB]: web({ replicas: 0 }),
        [ONE]: setOf('one', { revision: 1, replicas: 3 }),
        [TWO]: setOf('two', { revision: 2, replicas: 2 }),
      },
      after: { [ONE]: sized(0), [TWO]: sized(0) },
      events: [scaled('down', 'one', 3, 0), scaled('down', 'two', 2, 0)],
    },
    {
      name: 'says that it is paused, and scales its one set all the same',
      before: { ...team, [WEB]: web({ paused: true, replicas: 6 }), [ONE]: setOf('one', { revision: 1, replicas: 4 }) },
      after: {
        [ONE]: sized(6),
        [WEB]: {
          status: {
            conditions: [progress('Unknown', 'DeploymentPaused', 'Deployment is paused'), { type: 'Available' }],
          },
        },
      },
      events: [scaled('up', 'one', 4, 6)],
    },
    {
      name: 'takes the old sets away in a pause when the new one is whole',
      before: {
        ...team,
        [WEB]: web({ paused: true }),
        [ONE]: setOf('one', { revision: 1, replicas: 1 }),
        [TWO]: setOf('two', { revision: 2, replicas: 4 }),
      },
      after: { [ONE]: sized(0), [TWO]: sized(4) },
      events: [scaled('down', 'one', 1, 0)],
    },
    {
      name: 'keeps as many old sets as it is told, the latest ones, and those whose state is not known yet',
      before: {
        ...team,
        [WEB]: web({ revisionHistoryLimit: 1 }),
        [ONE]: { ...setOf('one', { revision: 1, replicas: 0 }), status: { replicas: 0, observedGeneration: 0 } },
        [TWO]: setOf('two', { revision: 2, replicas: 0, image: 'i:1' }),
        'replicasets/team/between': setOf('between', { revision: 3, replicas: 0 }),
        [THREE]: setOf('three', { revision: 4, replicas: 4, image: 'i:2' }),
      },
      seconds: 5,
      after: { [ONE]: sized(0), [TWO]: undefined, 'replicasets/team/between': sized(0), [THREE]: sized(4) },
    },
    {
      name: 'goes back to the revision that is asked for, with what was noted then',
      before: {
        ...team,
        [WEB]: web({}, { metadata: { annotations: { [ROLLBACK]: '1', [REVISION]: '2', cause: 'edit' } } }),
        [ONE]: setOf('one', { revision: 1, replicas: 0, annotations: { cause: 'create' } }),
        [TWO]: setOf('two', { revision: 2, replicas: 4, annotations: { cause: 'edit' } }),
      },
      seconds: 0.05,
      after: {
        [WEB]: {
          metadata: { annotations: { [ROLLBACK]: undefined, cause: 'create', [REVISION]: '3' } },
          spec: {
            template: {
              metadata: { labels: { app: 'web', 'pod-template-hash': undefined } },
              spec: { containers: [{ image: 'i:1' }] },
            },
          },
        },
        [ONE]: { metadata: { annotations: { [REVISION]: '3', [HISTORY]: '1' } } },
      },
      events: [
        'Deployment/web Normal DeploymentRollback: Rolled back deployment "web" to revision 1',
        scaled('up', 'one', 0, 1),
        scaled('down', 'two', 4, 3),
        scaled('up', 'one', 1, 2),
      ],
    },
    {
      name: 'goes back to the revision before where none is named',
      before: {
        ...team,
        [WEB]: web({ replicas: 0 }, { metadata: { annotations: { [ROLLBACK]: '0' } } }),
        [ONE]: setOf('one', { revision: 1, replicas: 0, desired: 0 }),
        [TWO]: setOf('two', { revision: 2, replicas: 0, desired: 0 }),
      },
      after: { [WEB]: { spec: { template: { spec: { containers: [{ image: 'i:1' }] } } } } },
      events: ['Deployment/web Normal DeploymentRollback: Rolled back deployment "web" to revision 1'],
    },
    {
      name: 'does not go back to what it is already',
      before: {
        ...team,
        [WEB]: web({}, { metadata: { annotations: { [ROLLBACK]: '2' } } }),
        [TWO]: setOf('two', { revision: 2, replicas: 4 }),
      },
      after: { [WEB]: { metadata: { annotations: { [ROLLBACK]: undefined } } } },
      events: [
        'Deployment/web Warning DeploymentRollbackTemplateUnchanged: The rollback revision contains the same template as current deployment "web"',
      ],
    },
    {
      name: 'does not find a revision that there is not',
      before: {
        ...team,
        [WEB]: web({}, { metadata: { annotations: { [ROLLBACK]: '9' } } }),
        [TWO]: setOf('two', { revision: 2, replicas: 4 }),
      },
      after: { [WEB]: { metadata: { annotations: { [ROLLBACK]: undefined } } } },
      events: [
        'Deployment/web Warning DeploymentRollbackRevisionNotFound: Unable to find the revision to rollback to.',
      ],
    },
    {
      name: 'does not find a revision before the first',
      before: {
        ...team,
        [WEB]: web({}, { metadata: { annotations: { [ROLLBACK]: '0' } } }),
        [TWO]: setOf('two', { revision: 2, replicas: 4 }),
      },
      after: { [WEB]: { metadata: { annotations: { [ROLLBACK]: undefined } } } },
      events: ['Deployment/web Warning DeploymentRollbackRevisionNotFound: Unable to find last revision.'],
    },
    {
      name: 'ignores a way back that is no number',
      before: {
        ...team,
        [WEB]: web({}, { metadata: { annotations: { [ROLLBACK]: 'two' } } }),
        [TWO]: setOf('two', { revision: 2, replicas: 4 }),
      },
      after: { [WEB]: { metadata: { annotations: { [ROLLBACK]: 'two' } } } },
    },
    {
      name: 'recreates: first all old pods go',
      before: {
        ...team,
        [WEB]: web({ strategy: { type: 'Recreate' } }),
        [ONE]: setOf('one', { revision: 1, replicas: 4 }),
      },
      after: { [ONE]: sized(0), [WEB]: { status: { updatedReplicas: undefined } } },
      events: [scaled('down', 'one', 4, 0)],
    },
    {
      name: 'recreates: pods that have finished hold nothing up',
      before: {
        ...team,
        [WEB]: web({ strategy: { type: 'Recreate' } }),
        [ONE]: setOf('one', { revision: 1, replicas: 0 }),
        [TWO]: setOf('two', { revision: 2, replicas: 0 }),
        'pods/team/done': {
          metadata: {
            labels,
            ownerReferences: [
              { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'one', uid: `@${ONE}`, controller: true },
            ],
          },
          spec: { containers: [{ name: 'c', image: 'i:1' }] },
          status: { phase: 'Failed' },
        },
      },
      after: { [TWO]: sized(4) },
      events: [scaled('up', 'two', 0, 4)],
    },
  ]);
});
