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

describe('containers', () => {
  it.each<readonly [what: string, spec: object, faults: string]>([
    ['no containers', { containers: [] }, 'spec.containers: Required value'],
    ['no name', { containers: [{ image: 'app:1' }] }, 'spec.containers[0].name: Required value'],
    [
      'name too long',
      { containers: [{ name: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', image: 'app:1' }] },
      'spec.containers[0].name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters',
    ],
    ['no image', { containers: [{ name: 'main' }] }, 'spec.containers[0].image: Required value'],
    [
      'image with spaces',
      { containers: [{ name: 'main', image: ' x ' }] },
      'spec.containers[0].image: Invalid value: " x ": must not have leading or trailing whitespace',
    ],
    [
      'duplicate name',
      {
        containers: [
          { name: 'a', image: 'i' },
          { name: 'a', image: 'i' },
        ],
      },
      'spec.containers[1].name: Duplicate value: "a"',
    ],
    [
      'duplicate init name',
      {
        initContainers: [
          { name: 'a', image: 'i' },
          { name: 'a', image: 'i' },
        ],
      },
      'spec.initContainers[1].name: Duplicate value: "a"',
    ],
    [
      'pull policy',
      { containers: [{ name: 'main', image: 'app:1', imagePullPolicy: 'Sometimes' }] },
      'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    ],
    [
      'termination message policy',
      { containers: [{ name: 'main', image: 'app:1', terminationMessagePolicy: 'Stdout' }] },
      'spec.containers[0].terminationMessagePolicy: Unsupported value: "Stdout": supported values: "File", "FallbackToLogsOnError"',
    ],
    [
      'restart policy of pod',
      { restartPolicy: 'Sometimes' },
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      'restart policy of an init container',
      { initContainers: [{ name: 'i', image: 'i', restartPolicy: 'Sometimes' }] },
      'spec.initContainers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
    ],
    [
      'restart policy rules without policy',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }],
          },
        ],
      },
      'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
    ],
    [
      'resize policy',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            resizePolicy: [
              { resourceName: 'disk', restartPolicy: 'NotRequired' },
              { resourceName: 'cpu', restartPolicy: 'Maybe' },
            ],
          },
        ],
      },
      '[spec.containers[0].resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory", spec.containers[0].resizePolicy: Unsupported value: "Maybe": supported values: "NotRequired", "RestartContainer"]',
    ],
  ])('refuses %s', (_what, spec, faults) => {
    expect(faultsOf(spec)).toBe(faults);
  });

  it('has nothing against a plain pod', () => {
    expect(faultsOf({})).toBe('');
  });
});
