import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { pod } from '../../kinds/pod.js';

const SPEC = { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } };

function addPod(world: ControllerWorld): void {
  const volumeClaimTemplate = { metadata: { labels: { l: '1' } }, spec: SPEC };
  world.client.create(pod, 'default', {
    metadata: { name: 'a' },
    spec: {
      containers: [{ name: 'app', image: 'registry.example/app:1' }],
      volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }],
    },
  });
  world.run(1);
}

const claim = (world: ControllerWorld): Json => world.client.get(persistentVolumeClaim, 'default/a-scratch');

describe('ephemeral-volume-controller', () => {
  it('makes claims that pods own and that go with them', () => {
    const world = new ControllerWorld();
    addPod(world);
    expect(claim(world)).toMatchObject({
      metadata: {
        labels: { l: '1' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a', controller: true }],
      },
      spec: SPEC,
    });
    world.run(2);
    world.client.delete(pod, world.client.get(pod, 'default/a')!);
    world.run(5);
    expect(claim(world)).toBeUndefined();
    expect(world.errors).toEqual([]);
  });

  it('takes nobody else’s claim', () => {
    const world = new ControllerWorld();
    world.client.create(persistentVolumeClaim, 'default', { metadata: { name: 'a-scratch' }, spec: SPEC });
    addPod(world);
    expect(world.said('a')).toContain(
      'FailedBinding: ephemeral volume scratch: PVC default/a-scratch was not created for pod default/a (pod is not owner)',
    );
  });
});
