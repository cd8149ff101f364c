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

describe('mounts and devices', () => {
  it.each<readonly [what: string, spec: object, faults: string]>([
    [
      'unknown volume',
      { containers: [{ name: 'main', image: 'app:1', volumeMounts: [{ name: 'x', mountPath: '/x' }] }] },
      'spec.containers[0].volumeMounts[0].name: Not found: "x"',
    ],
    [
      'no name',
      { containers: [{ name: 'main', image: 'app:1', volumeMounts: [{ mountPath: '/x' }] }] },
      '[spec.containers[0].volumeMounts[0].name: Required value, spec.containers[0].volumeMounts[0].name: Not found: ""]',
    ],
    [
      'no path',
      {
        containers: [{ name: 'main', image: 'app:1', volumeMounts: [{ name: 'v' }] }],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      'spec.containers[0].volumeMounts[0].mountPath: Required value',
    ],
    [
      'same path twice',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            volumeMounts: [
              { name: 'v', mountPath: '/x' },
              { name: 'v', mountPath: '/x' },
            ],
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/x": must be unique',
    ],
    [
      'sub path ..',
      {
        containers: [{ name: 'main', image: 'app:1', volumeMounts: [{ name: 'v', mountPath: '/x', subPath: '../y' }] }],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      'spec.containers[0].volumeMounts.subPath: Invalid value: "../y": must not contain \'..\'',
    ],
    [
      'sub path absolute',
      {
        containers: [{ name: 'main', image: 'app:1', volumeMounts: [{ name: 'v', mountPath: '/x', subPath: '/y' }] }],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      'spec.containers[0].volumeMounts.subPath: Invalid value: "/y": must be a relative path',
    ],
    [
      'sub path and expression',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            volumeMounts: [{ name: 'v', mountPath: '/x', subPath: 'a', subPathExpr: 'b' }],
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      'spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: "b": subPathExpr and subPath are mutually exclusive',
    ],
    [
      'propagation',
      {
        containers: [
          { name: 'main', image: 'app:1', volumeMounts: [{ name: 'v', mountPath: '/x', mountPropagation: 'Both' }] },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      'spec.containers[0].volumeMounts.mountPropagation: Unsupported value: "Both": supported values: "Bidirectional", "HostToContainer", "None"',
    ],
    [
      'bidirectional without privilege',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            volumeMounts: [{ name: 'v', mountPath: '/x', mountPropagation: 'Bidirectional' }],
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
    ],
    [
      'recursive read only',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            volumeMounts: [{ name: 'v', mountPath: '/x', recursiveReadOnly: 'Enabled' }],
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true',
    ],
    [
      'recursive read only and propagation',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            volumeMounts: [
              {
                name: 'v',
                mountPath: '/x',
                readOnly: true,
                recursiveReadOnly: 'IfPossible',
                mountPropagation: 'HostToContainer',
              },
            ],
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified',
    ],
    [
      'device of an empty dir',
      {
        containers: [{ name: 'main', image: 'app:1', volumeDevices: [{ name: 'v', devicePath: '/dev/x' }] }],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      'spec.containers[0].volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
    ],
    [
      'device without path',
      {
        containers: [{ name: 'main', image: 'app:1', volumeDevices: [{ name: 'v', devicePath: '' }] }],
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }],
      },
      'spec.containers[0].volumeDevices[0].devicePath: Required value',
    ],
    [
      'mount in an init container',
      { initContainers: [{ name: 'i', image: 'i', volumeMounts: [{ name: 'no', mountPath: '/a' }] }] },
      'spec.initContainers[0].volumeMounts[0].name: Not found: "no"',
    ],
  ])('refuses %s', (_what, spec, faults) => {
    expect(faultsOf(spec)).toBe(faults);
  });

  it('has nothing against a plain pod', () => {
    expect(faultsOf({})).toBe('');
  });
});
