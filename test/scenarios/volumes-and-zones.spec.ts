import { isReady, type ClusterHarness } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';
import { conditionOf, PODS, story } from '../support/story.js';

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';
const VOLUMES = '/api/v1/persistentvolumes';
const ZONE = 'topology.kubernetes.io/zone';
const DRIVER = 'disks.example.com';
/** The workers of zone b; the others are in a. */
const IN_B = ['worker-2', 'worker-4'];
const cluster = { topology: { workers: 4, zones: ['a', 'b'] } };

describe('a volume that is made for its first consumer', () => {
  story('is made where the pod goes, and keeps every later one there', {
    cluster,
    tell(harness) {
      createClass(harness);
      createClaim(harness);
      harness.runFor(5);
      expect(claim(harness).status.phase).toBe('Pending');
      expect(harness.eventsOf('data')).toEqual([
        'WaitForFirstConsumer: waiting for first consumer to be created before binding',
      ]);

      createPod(harness, 'first', { nodeSelector: { [ZONE]: 'b' } });
      harness.runUntil(() => isReady(harness.pod('first')), 30);
      const { metadata, spec, status } = claim(harness);
      const host = harness.pod('first').spec.nodeName as string;
      expect(IN_B).toContain(host);
      expect(status).toMatchObject({ phase: 'Bound', capacity: { storage: '10Gi' } });
      expect(metadata.annotations['volume.kubernetes.io/selected-node']).toBe(host);
      expect(harness.get(`${VOLUMES}/${spec.volumeName}`)).toMatchObject({
        spec: {
          csi: { driver: DRIVER },
          nodeAffinity: {
            required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: ['b'] }] }] },
          },
        },
        status: { phase: 'Bound' },
      });
      expect(harness.eventsOf('data').map((each) => each.split(':')[0])).toEqual([
        'WaitForFirstConsumer',
        'ExternalProvisioning',
        'Provisioning',
        'ProvisioningSucceeded',
      ]);
      expect(harness.eventsOf('first')).toContain(
        `SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "${spec.volumeName}" `,
      );

      remove(harness, 'first');
      createPod(harness, 'second');
      harness.runUntil(() => isReady(harness.pod('second')), 30);
      expect(IN_B).toContain(harness.pod('second').spec.nodeName);
    },
  });

  story('does not follow its pod into another zone', {
    cluster,
    tell(harness) {
      createClass(harness);
      createClaim(harness);
      createPod(harness, 'first', { nodeSelector: { [ZONE]: 'b' } });
      harness.runUntil(() => isReady(harness.pod('first')), 30);
      remove(harness, 'first');

      createPod(harness, 'mover', { nodeSelector: { [ZONE]: 'a' } });
      harness.runFor(5);
      expect(conditionOf(harness.pod('mover'), 'PodScheduled')).toMatchObject({
        status: 'False',
        reason: 'Unschedulable',
        message:
          "0/5 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match PersistentVolume's node affinity, " +
          "2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: " +
          '0/5 nodes are available: 5 Preemption is not helpful for scheduling.',
      });
      remove(harness, 'mover');

      for (const name of IN_B) harness.patch(`/api/v1/nodes/${name}`, { spec: { unschedulable: true } });
      createPod(harness, 'stranded');
      harness.runFor(5);
      expect(harness.eventsOf('stranded')).toEqual([
        "FailedScheduling: 0/5 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match PersistentVolume's " +
          'node affinity, 2 node(s) were unschedulable. no new claims to deallocate, preemption: ' +
          '0/5 nodes are available: 5 Preemption is not helpful for scheduling.',
      ]);
      harness.patch(`/api/v1/nodes/${IN_B[1]}`, { spec: { unschedulable: null } });
      harness.runUntil(() => isReady(harness.pod('stranded')), 30);
      expect(harness.pod('stranded').spec.nodeName).toBe(IN_B[1]);
    },
  });

  story('goes with its claim, so that a new one can be made in another zone', {
    cluster,
    tell(harness) {
      createClass(harness);
      createClaim(harness);
      createPod(harness, 'first', { nodeSelector: { [ZONE]: 'b' } });
      harness.runUntil(() => isReady(harness.pod('first')), 30);
      const { spec } = claim(harness);

      harness.request('DELETE', `${CLAIMS}/data`);
      harness.runFor(5);
      expect(claim(harness).metadata).toMatchObject({
        deletionTimestamp: expect.any(String),
        finalizers: ['kubernetes.io/pvc-protection'],
      });
      createPod(harness, 'late');
      harness.runFor(5);
      expect(conditionOf(harness.pod('late'), 'PodScheduled').message).toMatch(
        /^0\/5 nodes are available: persistentvolumeclaim "data" is being deleted\./,
      );
      remove(harness, 'late');
      remove(harness, 'first');
      harness.runFor(20);
      expect(harness.list(CLAIMS)).toEqual([]);
      expect(harness.list(VOLUMES)).toEqual([]);
      expect(harness.list('/apis/storage.k8s.io/v1/volumeattachments')).toEqual([]);

      createClaim(harness);
      createPod(harness, 'again', { nodeSelector: { [ZONE]: 'a' } });
      harness.runUntil(() => isReady(harness.pod('again')), 30);
      expect(claim(harness).spec.volumeName).not.toBe(spec.volumeName);
      const [{ matchExpressions }] = harness.list(VOLUMES)[0].spec.nodeAffinity.required.nodeSelectorTerms;
      expect(matchExpressions[0].values).toEqual(['a']);
    },
  });

  story('stays with a lost node for six minutes, since nobody knows who still writes to it', {
    cluster,
    tell(harness) {
      createClass(harness);
      createClaim(harness);
      createPod(harness, 'first', { nodeSelector: { [ZONE]: 'b' } });
      harness.runUntil(() => isReady(harness.pod('first')), 30);
      const volume = claim(harness).spec.volumeName as string;
      harness.cluster.stopKubelet(harness.pod('first').spec.nodeName);
      harness.runFor(70);
      harness.request('DELETE', `${PODS}/first?gracePeriodSeconds=0`);
      createPod(harness, 'second');
      harness.runFor(355);
      expect(harness.eventsOf('second')).toContain(
        `FailedAttachVolume: Multi-Attach error for volume "${volume}" ` +
          "Volume is already exclusively attached to one node and can't be attached to another",
      );
      const attached = `SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "${volume}" `;
      expect(harness.eventsOf('second')).not.toContain(attached);
      harness.runFor(15);
      expect(harness.eventsOf('second')).toContain(attached);
    },
  });

  story('is not made while nobody drives it', {
    cluster,
    tell(harness) {
      createClass(harness, []);
      createClaim(harness);
      createPod(harness, 'first');
      harness.runFor(60);
      expect(harness.pod('first').spec.nodeName).toBeUndefined();
      expect(claim(harness).metadata.annotations['volume.kubernetes.io/selected-node']).toMatch(/^worker-/);
      expect(harness.eventsOf('data').at(-1)).toBe(
        `ExternalProvisioning: Waiting for a volume to be created either by the external provisioner '${DRIVER}' or manually ` +
          'by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.',
      );
      createDriver(harness);
      harness.runUntil(() => isReady(harness.pod('first')), 60);
    },
  });
});

function createClass(harness: ClusterHarness, drivers = [DRIVER]): void {
  if (drivers.length > 0) createDriver(harness);
  harness.request('POST', '/apis/storage.k8s.io/v1/storageclasses', {
    metadata: { name: 'disks' },
    provisioner: DRIVER,
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Delete',
  });
}

function createDriver(harness: ClusterHarness): void {
  harness.request('POST', '/apis/storage.k8s.io/v1/csidrivers', { metadata: { name: DRIVER }, spec: {} });
}

function createClaim(harness: ClusterHarness): void {
  const resources = { requests: { storage: '10Gi' } };
  const spec = { storageClassName: 'disks', accessModes: ['ReadWriteOnce'], resources };
  harness.request('POST', CLAIMS, { metadata: { name: 'data' }, spec });
}

const claim = (harness: ClusterHarness): Json => harness.get(`${CLAIMS}/data`);

/** One that uses the claim. */
function createPod(harness: ClusterHarness, name: string, more: Json = {}): void {
  const volumeMounts = [{ name: 'data', mountPath: '/data' }];
  const containers = [{ name: 'app', image: 'registry.example/app:1', volumeMounts }];
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  harness.createPod(name, { terminationGracePeriodSeconds: 1, containers, volumes, ...more });
}

function remove(harness: ClusterHarness, name: string): void {
  harness.request('DELETE', `${PODS}/${name}`);
  harness.runFor(5);
  expect(harness.pods().filter(({ metadata }) => metadata.name === name)).toEqual([]);
}
