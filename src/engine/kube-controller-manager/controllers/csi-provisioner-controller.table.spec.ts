import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const CLAIM = 'persistentvolumeclaims/default/data';
const DRIVER = 'csidrivers/csi.example.com';
const CLASS = 'storageclasses/fast';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const BEGUN =
  'PersistentVolumeClaim/data Normal Provisioning: External provisioner is provisioning volume for claim "default/data"';
const failed = (code: string): string =>
  'PersistentVolumeClaim/data Warning ProvisioningFailed: failed to provision volume with StorageClass "fast": ' +
  `rpc error: code = ${code} desc = no`;

/** A claim that the binder has handed to the driver. */
function waiting(fault?: string, selectedNode?: string, rules: Json = {}): Record<string, Json> {
  const annotations = {
    'volume.kubernetes.io/storage-provisioner': 'csi.example.com',
    ...(selectedNode === undefined ? {} : { [SELECTED_NODE]: selectedNode }),
  };
  return {
    'nodes/n': { metadata: { labels: { 'topology.kubernetes.io/zone': 'a' } } },
    [CLASS]: { provisioner: 'csi.example.com', ...rules },
    [DRIVER]: { metadata: { annotations: fault === undefined ? {} : { 'flotilla/CreateVolume': fault } }, spec: {} },
    [CLAIM]: {
      metadata: { annotations },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'fast',
        resources: { requests: { storage: '3Gi' } },
      },
      status: { phase: 'Pending' },
    },
  };
}
const LATE = { volumeBindingMode: 'WaitForFirstConsumer' };
const made = (world: { keys(plural: string): readonly string[] }): number => world.keys('persistentvolumes').length;

describe('the provisioner of a simulated driver', () => {
  controllerTable('csi-provisioner', [
    {
      name: 'makes a volume',
      before: waiting(),
      act(world) {
        world.run(1);
        expect(made(world)).toBe(1);
      },
      events: [BEGUN, expect.stringMatching(/ProvisioningSucceeded: Successfully provisioned volume pvc-/) as never],
    },
    {
      name: 'makes none for a class whose volumes wait for their first consumer, as long as there is no node',
      before: waiting(undefined, undefined, LATE),
      act: (world) => expect(made(world)).toBe(0),
      seconds: 5,
    },
    {
      name: 'says that the driver failed, and asks it again one and two seconds later',
      before: waiting('Internal: no'),
      act(world) {
        world.run(5);
        expect(made(world)).toBe(0);
      },
      seconds: 0.1,
      events: [`${BEGUN} (x3)`, `${failed('Internal')} (x3)`],
    },
    {
      name: 'makes what is no larger than the driver allows',
      before: waiting('OutOfRange beyond 3Gi: no'),
      act(world) {
        world.run(1);
        expect(made(world)).toBe(1);
      },
      events: [BEGUN, expect.stringContaining('ProvisioningSucceeded') as never],
    },
    {
      name: 'has the pod placed anew where there is no room',
      before: waiting('ResourceExhausted: no', 'n', LATE),
      seconds: 5,
      after: { [CLAIM]: { metadata: { annotations: { [SELECTED_NODE]: undefined } } } },
      events: [BEGUN, failed('ResourceExhausted')],
    },
    {
      name: 'leaves the place where it is for another cause',
      before: waiting('Internal: no', 'n', LATE),
      seconds: 0.8,
      after: { [CLAIM]: { metadata: { annotations: { [SELECTED_NODE]: 'n' } } } },
      events: [BEGUN, failed('Internal')],
    },
  ]);
});
