import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';
import { volumeAttachment } from '../../kinds/volume-attachment.js';

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';

function worldWithClaim(accessModes: readonly string[]): ControllerWorld {
  const world = new ControllerWorld();
  world.harness.request('POST', '/apis/storage.k8s.io/v1/csidrivers', { metadata: { name: 'csi.example.com' } });
  const storageClass = { metadata: { name: 'fast' }, provisioner: 'csi.example.com' };
  world.harness.request('POST', '/apis/storage.k8s.io/v1/storageclasses', storageClass);
  const spec = { accessModes, storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } };
  world.harness.request('POST', CLAIMS, { metadata: { name: 'data' }, spec });
  world.run(3);
  return world;
}

function use(world: ControllerWorld, name: string, nodeName: string): void {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  world.client.create(pod, 'default', { metadata: { name }, spec: { nodeName, containers, volumes } });
  world.run(2);
}

const attached = (world: ControllerWorld): readonly string[] =>
  world.client.list(volumeAttachment).map(({ spec, status }: Json) => `${spec.nodeName} ${status.attached}`);
const volumesOf = (world: ControllerWorld, name: string): Json => world.client.get(node, name)?.status?.volumesAttached;

describe('attachdetach-controller', () => {
  it('attaches a volume to the node of a pod that uses it, until it is gone', () => {
    const world = worldWithClaim(['ReadWriteOnce']);
    use(world, 'a', 'worker-1');
    expect(attached(world)).toEqual(['worker-1 true']);
    const [{ metadata, spec }] = world.client.list(volumeAttachment) as readonly Json[];
    expect(metadata.name).toMatch(/^csi-[0-9a-f]{64}$/);
    expect(spec).toMatchObject({ attacher: 'csi.example.com', nodeName: 'worker-1' });
    expect(world.said('a')).toContain(
      `SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "${spec.source.persistentVolumeName}" `,
    );
    expect(volumesOf(world, 'worker-1')).toMatchObject([
      { name: expect.stringMatching(/^kubernetes\.io\/csi\/csi\./) },
    ]);
    world.client.delete(pod, world.client.get(pod, 'default/a')!);
    world.run(3);
    expect(attached(world)).toEqual([]);
    expect(volumesOf(world, 'worker-1')).toBeUndefined();
    expect(world.errors).toEqual([]);
  });

  it('attaches a volume of one node to no other one', () => {
    const world = worldWithClaim(['ReadWriteOnce']);
    use(world, 'a', 'worker-1');
    use(world, 'b', 'worker-2');
    expect(attached(world)).toEqual(['worker-1 true']);
    expect(
      world
        .said('b')
        .some((each) =>
          /^FailedAttachVolume: Multi-Attach error for volume "pvc-.*" Volume is already used by pod\(s\) a$/.test(
            each,
          ),
        ),
    ).toBe(true);
    world.client.delete(pod, world.client.get(pod, 'default/a')!);
    world.run(3);
    expect(attached(world)).toEqual(['worker-2 true']);
  });

  describe('with a lost node', () => {
    const MULTI_ATTACH =
      /^FailedAttachVolume: Multi-Attach error for volume "pvc-.*" Volume is already exclusively attached to one node and can't be attached to another$/;

    /** Its pod was forced out, and another one wants the volume elsewhere. */
    function lostWorld(): ControllerWorld {
      const world = worldWithClaim(['ReadWriteOnce']);
      use(world, 'a', 'worker-1');
      world.run(10);
      world.stopKubelet('worker-1');
      world.run(60);
      world.client.delete(pod, world.client.get(pod, 'default/a')!, { gracePeriodSeconds: 0 });
      use(world, 'b', 'worker-2');
      expect(attached(world)).toEqual(['worker-1 true']);
      expect(world.said('b').some((each) => MULTI_ATTACH.test(each))).toBe(true);
      return world;
    }

    it('takes a volume away after six minutes', () => {
      const world = lostWorld();
      world.run(355);
      expect(attached(world)).toEqual(['worker-1 true']);
      world.run(10);
      expect(attached(world)).toEqual(['worker-2 true']);
      expect(world.said('b').at(-1)).toMatch(/^SuccessfulAttachVolume: /);
    });

    it.each([
      [
        'is declared out of service',
        (world: ControllerWorld) =>
          world.client.patch(node, 'worker-1', {
            spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] },
          }),
      ],
      ['comes back', (world: ControllerWorld) => world.startKubelet('worker-1')],
    ])('takes it away at once when the node %s', (_name, change) => {
      const world = lostWorld();
      change(world);
      world.run(2);
      expect(attached(world)).toEqual(['worker-2 true']);
    });

    it('leaves it where a pod of the same node wants it again', () => {
      const world = lostWorld();
      world.client.delete(pod, world.client.get(pod, 'default/b')!, { gracePeriodSeconds: 0 });
      use(world, 'c', 'worker-1');
      world.run(600);
      expect(attached(world)).toEqual(['worker-1 true']);
    });
  });

  it('attaches a shared volume to every node', () => {
    const world = worldWithClaim(['ReadWriteMany']);
    use(world, 'a', 'worker-1');
    use(world, 'b', 'worker-2');
    expect(attached(world).toSorted()).toEqual(['worker-1 true', 'worker-2 true']);
  });
});
