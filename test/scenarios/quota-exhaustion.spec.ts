import { isReady, type ClusterHarness } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';
import { conditionOf, deploy, DEPLOYMENTS, PODS, story } from '../support/story.js';

const QUOTAS = '/api/v1/namespaces/default/resourcequotas';
const SETS = '/apis/apps/v1/namespaces/default/replicasets';
const container = { resources: { requests: { cpu: '500m' } } };

describe('a namespace whose quota is used up', () => {
  story('holds a Deployment at what fits, says why, and lets it go on when more is allowed', {
    tell(harness) {
      harness.request('POST', QUOTAS, {
        metadata: { name: 'team' },
        spec: { hard: { 'requests.cpu': '2', pods: '10' } },
      });
      harness.runFor(1);
      deploy(harness, { name: 'web', replicas: 6, container });
      harness.runFor(20);
      const [set] = harness.list(SETS);
      const refusal = new RegExp(
        `pods "${set.metadata.name}-\\w+" is forbidden: exceeded quota: team, ` +
          'requested: requests.cpu=500m, used: requests.cpu=2, limited: requests.cpu=2$',
      );
      expect(quota(harness)).toEqual({
        hard: { pods: '10', 'requests.cpu': '2' },
        used: { pods: '4', 'requests.cpu': '2' },
      });
      expect(harness.pods().filter(isReady)).toHaveLength(4);
      const said = harness.eventsOf(set.metadata.name).filter((each) => refusal.test(each));
      expect(said[0]).toMatch(/^FailedCreate: Error creating: /);
      expect(said.at(-1)).toMatch(/^FailedCreate: \(combined from similar events\): Error creating: /);
      for (const object of [set, harness.get(`${DEPLOYMENTS}/web`)]) {
        expect(conditionOf(object, 'ReplicaFailure')).toMatchObject({
          status: 'True',
          reason: 'FailedCreate',
          message: expect.stringMatching(refusal),
        });
      }
      expect(conditionOf(harness.get(`${DEPLOYMENTS}/web`), 'Available')).toMatchObject({
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      });

      harness.patch(`${QUOTAS}/team`, { spec: { hard: { 'requests.cpu': '3' } } });
      harness.runUntil(() => harness.pods().filter(isReady).length === 6, 120);
      harness.runFor(1);
      expect(quota(harness).used).toEqual({ pods: '6', 'requests.cpu': '3' });
      for (const object of [harness.list(SETS)[0], harness.get(`${DEPLOYMENTS}/web`)]) {
        expect(conditionOf(object, 'ReplicaFailure')).toBeUndefined();
      }
      expect(conditionOf(harness.get(`${DEPLOYMENTS}/web`), 'Progressing').reason).toBe('NewReplicaSetAvailable');
    },
  });

  story('has room for others as soon as something of it is gone', {
    tell(harness) {
      harness.request('POST', QUOTAS, { metadata: { name: 'team' }, spec: { hard: { 'requests.cpu': '2' } } });
      harness.runFor(1);
      deploy(harness, { name: 'first', replicas: 4, container });
      harness.runFor(5);
      const spec = { containers: [{ name: 'app', image: 'registry.example/app:1', ...container }] };
      expect(harness.refused('POST', PODS, { metadata: { name: 'second' }, spec })).toMatchObject({
        code: 403,
        reason: 'Forbidden',
        message:
          'pods "second" is forbidden: exceeded quota: team, ' +
          'requested: requests.cpu=500m, used: requests.cpu=2, limited: requests.cpu=2',
      });
      const unasked = { containers: [{ name: 'app', image: 'registry.example/app:1' }] };
      expect(harness.refused('POST', PODS, { metadata: { name: 'third' }, spec: unasked }).message).toBe(
        'pods "third" is forbidden: failed quota: team: must specify requests.cpu for: app',
      );
      harness.patch(`${DEPLOYMENTS}/first`, { spec: { replicas: 3 } });
      harness.runUntil(() => quota(harness).used['requests.cpu'] === '1500m', 30);
      harness.createPod('second', spec);
      harness.runUntil(() => isReady(harness.pod('second')), 30);
      expect(quota(harness).used['requests.cpu']).toBe('2');
    },
  });

  story('counts what has ended no more', {
    tell(harness) {
      harness.request('POST', QUOTAS, { metadata: { name: 'team' }, spec: { hard: { pods: '1' } } });
      harness.runFor(1);
      const task = { name: 'app', image: 'busybox:1.36', command: ['sleep', '5'] };
      harness.createPod('first', { restartPolicy: 'Never', containers: [task] });
      expect(harness.refused('POST', PODS, { metadata: { name: 'second' }, spec: { containers: [task] } }).code).toBe(
        403,
      );
      harness.runUntil(() => harness.pod('first').status.phase === 'Succeeded', 30);
      harness.runUntil(() => quota(harness).used.pods === '0', 30);
      harness.createPod('second', { restartPolicy: 'Never', containers: [task] });
    },
  });
});

const quota = (harness: ClusterHarness): Json => harness.get(`${QUOTAS}/team`).status;
