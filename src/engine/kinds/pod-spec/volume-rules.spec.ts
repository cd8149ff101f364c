import type { Pod } from '../../machinery/api/core-v1.js';
import type { FieldError } from '../../machinery/field-error.js';
import { aggregateMessage } from '../../machinery/field-error.js';
import type { Draft } from '../../machinery/object.js';
import { schemaOfKind } from '../../machinery/schema/built-in-schemas.js';
import { normalise } from '../../machinery/schema/decode.js';
import { pod } from '../pod.js';

const schema = schemaOfKind('', 'v1', 'Pod');

/** What is wrong with a pod of this spec, as the server would say. */
function faultsOf(spec: object): string {
  const main = { name: 'main', image: 'app:1' };
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [main], ...spec } };
  const draft = (schema === undefined ? body : normalise(schema, body)) as Draft<Pod>;
  pod.defaults?.(draft);
  draft.spec.serviceAccountName = 'default';
  const errors: FieldError[] = [];
  pod.validate?.(draft as Pod, (error) => errors.push(error));
  return aggregateMessage(errors);
}

describe('volumes', () => {
  it.each<readonly [what: string, spec: object, faults: string]>([
    ['no name', { volumes: [{ emptyDir: {} }] }, 'spec.volumes[0].name: Required value'],
    [
      'duplicate name',
      {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'a', emptyDir: {} },
        ],
      },
      'spec.volumes[1].name: Duplicate value: "a"',
    ],
    [
      'two types',
      { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] },
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
    ],
    [
      'host path without path',
      { volumes: [{ name: 'v', hostPath: {} }] },
      'spec.volumes[0].hostPath.path: Required value',
    ],
    [
      'host path type',
      { volumes: [{ name: 'v', hostPath: { path: '/x', type: 'Folder' } }] },
      'spec.volumes[0].hostPath.type: Unsupported value: "Folder": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
    ],
    [
      'host path with ..',
      { volumes: [{ name: 'v', hostPath: { path: '/a/../b' } }] },
      'spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
    ],
    [
      'empty dir limit negative',
      { volumes: [{ name: 'v', emptyDir: { sizeLimit: '-1' } }] },
      'spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity',
    ],
    [
      'secret without name',
      { volumes: [{ name: 'v', secret: {} }] },
      'spec.volumes[0].secret.secretName: Required value',
    ],
    [
      'secret mode',
      { volumes: [{ name: 'v', secret: { secretName: 's', defaultMode: 512 } }] },
      'spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
    ],
    [
      'config map without name',
      { volumes: [{ name: 'v', configMap: {} }] },
      'spec.volumes[0].configMap.name: Required value',
    ],
    [
      'config map items',
      { volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: '', path: '' }] } }] },
      '[spec.volumes[0].configMap.items[0].key: Required value, spec.volumes[0].configMap.items[0].path: Required value]',
    ],
    [
      'items path ..',
      { volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: 'k', path: '../x' }] } }] },
      'spec.volumes[0].configMap.items[0].path: Invalid value: "../x": must not contain \'..\'',
    ],
    [
      'items path ..x',
      { volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: 'k', path: '..x' }] } }] },
      'spec.volumes[0].configMap.items[0].path: Invalid value: "..x": must not start with \'..\'',
    ],
    [
      'items mode',
      { volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: 'k', path: 'p', mode: 1000 }] } }] },
      'spec.volumes[0].configMap.items[0].mode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive',
    ],
    [
      'claim without name',
      { volumes: [{ name: 'v', persistentVolumeClaim: {} }] },
      'spec.volumes[0].persistentVolumeClaim.claimName: Required value',
    ],
    [
      'nfs',
      { volumes: [{ name: 'v', nfs: {} }] },
      '[spec.volumes[0].nfs.server: Required value, spec.volumes[0].nfs.path: Required value, spec.volumes[0].nfs.path: Invalid value: "": must be an absolute path]',
    ],
    [
      'iscsi',
      { volumes: [{ name: 'v', iscsi: {} }] },
      '[spec.volumes[0].iscsi.targetPortal: Required value, spec.volumes[0].iscsi.iqn: Required value]',
    ],
    [
      'gce and aws disks',
      {
        volumes: [
          { name: 'a', gcePersistentDisk: { pdName: '', partition: 256 } },
          { name: 'b', awsElasticBlockStore: { volumeID: '' } },
        ],
      },
      '[spec.volumes[0].persistentDisk.pdName: Required value, spec.volumes[0].persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive, spec.volumes[1].awsElasticBlockStore.volumeID: Required value]',
    ],
    [
      'rbd, cephfs',
      {
        volumes: [
          { name: 'a', rbd: { monitors: [], image: '' } },
          { name: 'b', cephfs: { monitors: [] } },
        ],
      },
      '[spec.volumes[0].rbd.monitors: Required value, spec.volumes[0].rbd.image: Required value, spec.volumes[1].cephfs.monitors: Required value]',
    ],
    [
      'fc, cinder, vsphere',
      {
        volumes: [
          { name: 'a', fc: {} },
          { name: 'b', cinder: { volumeID: '' } },
          { name: 'd', vsphereVolume: { volumePath: '' } },
        ],
      },
      '[spec.volumes[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both, spec.volumes[1].cinder.volumeID: Required value, spec.volumes[2].vsphereVolume.volumePath: Required value]',
    ],
  ])('refuses %s', (_what, spec, faults) => {
    expect(faultsOf(spec)).toBe(faults);
  });

  it('has nothing against a plain pod', () => {
    expect(faultsOf({})).toBe('');
  });
});
