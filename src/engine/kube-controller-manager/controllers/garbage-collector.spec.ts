import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { configMap } from '../../kinds/config-map.js';
import { deployment } from '../../kinds/deployment.js';
import { namespace } from '../../kinds/namespace.js';
import { secret } from '../../kinds/secret.js';
import type { OwnerReference } from '../../machinery/api/meta-v1.js';

const at = (name: string) => `default/${name}`;

function make(
  world: ControllerWorld,
  name: string,
  owners: readonly string[] = [],
  change: Partial<OwnerReference> = {},
) {
  const ownerReferences = owners.map((owner) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: owner,
    uid: world.client.get(configMap, at(owner))?.metadata.uid ?? '00000000-0000-4000-8000-000000000001',
    ...change,
  }));
  world.client.create(configMap, 'default', { metadata: { name, ownerReferences } });
  world.run(0.1);
}

function remove(world: ControllerWorld, name: string, propagationPolicy: 'Background' | 'Foreground' | 'Orphan') {
  world.client.delete(configMap, world.client.get(configMap, at(name))!, { propagationPolicy });
  world.run(1);
}

const names = (world: ControllerWorld) =>
  world.client
    .list(configMap, 'default')
    .map(({ metadata }) => metadata.name)
    .filter((name) => name !== 'kube-root-ca.crt');

describe('garbage-collector-controller', () => {
  it('deletes dependents after their owner, through all generations', () => {
    const world = new ControllerWorld();
    make(world, 'a');
    make(world, 'b', ['a']);
    make(world, 'c', ['b']);
    make(world, 'd');
    remove(world, 'a', 'Background');
    expect(names(world)).toEqual(['d']);
  });

  it('deletes blocking dependents before their owner', () => {
    const world = new ControllerWorld();
    make(world, 'a');
    make(world, 'b', ['a'], { blockOwnerDeletion: true });
    make(world, 'c', ['b'], { blockOwnerDeletion: true });
    world.client.patch(configMap, at('c'), { metadata: { finalizers: ['example.com/hold'] } });
    remove(world, 'a', 'Foreground');
    expect(names(world)).toEqual(['a', 'b', 'c']);
    expect(world.client.get(configMap, at('a'))?.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(world.client.get(configMap, at('b'))?.metadata.finalizers).toEqual(['foregroundDeletion']);
    world.client.patch(configMap, at('c'), { metadata: { finalizers: null } });
    world.run(1);
    expect(names(world)).toEqual([]);
  });

  it('does not wait for dependents that do not block', () => {
    const world = new ControllerWorld();
    make(world, 'a');
    make(world, 'b', ['a']);
    world.client.patch(configMap, at('b'), { metadata: { finalizers: ['example.com/hold'] } });
    remove(world, 'a', 'Foreground');
    expect(names(world)).toEqual(['b']);
    expect(world.client.get(configMap, at('b'))?.metadata.deletionTimestamp).toBeDefined();
  });

  it('leaves dependents alone that are to be orphaned', () => {
    const world = new ControllerWorld();
    make(world, 'a');
    make(world, 'b', ['a']);
    remove(world, 'a', 'Orphan');
    expect(names(world)).toEqual(['b']);
    expect(world.client.get(configMap, at('b'))?.metadata.ownerReferences).toBeUndefined();
  });

  it('keeps what has another owner, and drops the reference to the one that went', () => {
    const world = new ControllerWorld();
    make(world, 'a');
    make(world, 'b');
    make(world, 'c', ['a', 'b']);
    remove(world, 'a', 'Background');
    expect(world.client.get(configMap, at('c'))?.metadata.ownerReferences).toMatchObject([{ name: 'b' }]);
  });

  it('deletes what was made for an owner that never was', () => {
    const world = new ControllerWorld();
    make(world, 'a', ['never']);
    make(world, 'b', ['kube-root-ca.crt'], { uid: '00000000-0000-4000-8000-000000000002' });
    world.run(1);
    expect(names(world)).toEqual([]);
  });

  it('tells of an owner in another namespace', () => {
    const world = new ControllerWorld();
    world.client.create(namespace, undefined, { metadata: { name: 'other' }, spec: {} });
    world.client.create(secret, 'other', { metadata: { name: 'far' } });
    const uid = world.client.get(secret, 'other/far')?.metadata.uid ?? '';
    make(world, 'abroad', ['far'], { kind: 'Secret', uid });
    world.run(1);
    expect(names(world)).toEqual([]);
    expect(world.said('abroad')).toEqual([
      `OwnerRefInvalidNamespace: ownerRef [v1/Secret, namespace: default, name: far, uid: ${uid}] does not exist in namespace "default"`,
    ]);
  });

  it('takes a Deployment away with all that it made', () => {
    const world = new ControllerWorld();
    world.deploy('web', { replicas: 3 });
    world.run(5);
    world.client.delete(deployment, world.deployment('web'), { propagationPolicy: 'Foreground' });
    world.run(0.5);
    expect(world.deployment('web').metadata.finalizers).toEqual(['foregroundDeletion']);
    world.run(5);
    expect(world.client.get(deployment, at('web'))).toBeUndefined();
    expect(world.sets()).toEqual([]);
    expect(world.pods()).toEqual([]);
  });

  it('finds what is left over when it starts anew', () => {
    const world = new ControllerWorld();
    make(world, 'a');
    make(world, 'b', ['a']);
    world.manager.stop();
    remove(world, 'a', 'Background');
    expect(names(world)).toEqual(['b']);
    world.manager.start();
    world.run(1);
    expect(names(world)).toEqual([]);
  });
});
