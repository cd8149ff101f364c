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

describe('environment of a container', () => {
  it.each<readonly [what: string, spec: object, faults: string]>([
    [
      'no name',
      { containers: [{ name: 'main', image: 'app:1', env: [{ value: 'x' }] }] },
      'spec.containers[0].env[0].name: Required value',
    ],
    [
      'name with =',
      { containers: [{ name: 'main', image: 'app:1', env: [{ name: 'A=B' }] }] },
      'spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
    ],
    [
      'value and valueFrom',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          },
        ],
      },
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
    [
      'empty valueFrom',
      { containers: [{ name: 'main', image: 'app:1', env: [{ name: 'A', valueFrom: {} }] }] },
      'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
    ],
    [
      'two sources',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            env: [
              {
                name: 'A',
                valueFrom: { configMapKeyRef: { name: 'c', key: 'k' }, secretKeyRef: { name: 'c', key: 'k' } },
              },
            ],
          },
        ],
      },
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time',
    ],
    [
      'field path unknown',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.whatever' } } }],
          },
        ],
      },
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.whatever": error converting fieldPath: field label not supported: metadata.whatever',
    ],
    [
      'field path empty',
      {
        containers: [
          { name: 'main', image: 'app:1', env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: '' } } }] },
        ],
      },
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Required value',
    ],
    [
      'field path in another version',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v2' } } }],
          },
        ],
      },
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2',
    ],
    [
      'resource empty',
      {
        containers: [
          { name: 'main', image: 'app:1', env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: '' } } }] },
        ],
      },
      'spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Required value',
    ],
    [
      'divisor cpu',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2m' } } }],
          },
        ],
      },
      'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
    ],
    [
      'divisor memory',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '3' } } }],
          },
        ],
      },
      'spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.memory": only divisor\'s values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource',
    ],
    [
      'config map key',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: '' } } }],
          },
        ],
      },
      'spec.containers[0].env[0].valueFrom.configMapKeyRef.key: Required value',
    ],
    [
      'secret key',
      {
        containers: [
          { name: 'main', image: 'app:1', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's' } } }] },
        ],
      },
      'spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value',
    ],
    [
      'file key ref',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'p', key: 'K' } } }],
          },
        ],
      },
      'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: "v"',
    ],
  ])('refuses %s', (_what, spec, faults) => {
    expect(faultsOf(spec)).toBe(faults);
  });

  it('has nothing against a plain pod', () => {
    expect(faultsOf({})).toBe('');
  });
});
