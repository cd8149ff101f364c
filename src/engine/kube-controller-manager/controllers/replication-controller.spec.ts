import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { pod } from '../../kinds/pod.js';
import { replicationController } from '../../kinds/replication-controller.js';

function worldWith(replicas: number): ControllerWorld {
  const world = new ControllerWorld();
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  world.harness.request('POST', '/api/v1/namespaces/default/replicationcontrollers', {
    metadata: { name: 'rc' },
    spec: { replicas, template: { metadata: { labels: { app: 'rc' } }, spec: { containers } } },
  });
  world.run(4);
  return world;
}

describe('replication-controller', () => {
  it('keeps as many pods as it is asked for', () => {
    const world = worldWith(2);
    const set = world.client.get(replicationController, 'default/rc')!;
    expect(set.status).toEqual({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 1,
    });
    expect(world.pods()[0]?.metadata.ownerReferences).toMatchObject([
      { apiVersion: 'v1', kind: 'ReplicationController', name: 'rc', controller: true, blockOwnerDeletion: true },
    ]);
    world.client.delete(pod, world.pods()[0]!);
    world.run(4);
    expect(world.pods()).toHaveLength(2);
    world.client.patch(replicationController, 'default/rc', { spec: { replicas: 1 } });
    world.run(4);
    expect(world.pods()).toHaveLength(1);
    expect(world.said('rc').at(-1)).toMatch(/^SuccessfulDelete: Deleted pod: rc-/);
  });
});
