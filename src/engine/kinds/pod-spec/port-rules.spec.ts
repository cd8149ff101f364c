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

describe('ports of a container', () => {
  it.each<readonly [what: string, spec: object, faults: string]>([
    [
      'containerPort missing',
      { containers: [{ name: 'main', image: 'app:1', ports: [{ name: 'http' }] }] },
      'spec.containers[0].ports[0].containerPort: Required value',
    ],
    [
      'containerPort too large',
      { containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 65536 }] }] },
      'spec.containers[0].ports[0].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive',
    ],
    [
      'containerPort negative',
      { containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: -1 }] }] },
      'spec.containers[0].ports[0].containerPort: Invalid value: -1: must be between 1 and 65535, inclusive',
    ],
    [
      'hostPort range',
      { containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 80, hostPort: 65536 }] }] },
      'spec.containers[0].ports[0].hostPort: Invalid value: 65536: must be between 1 and 65535, inclusive',
    ],
    [
      'name too long',
      { containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 80, name: 'averyveryverylong' }] }] },
      'spec.containers[0].ports[0].name: Invalid value: "averyveryverylong": must be no more than 15 characters',
    ],
    [
      'name upper case',
      { containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 80, name: 'HTTP' }] }] },
      '[spec.containers[0].ports[0].name: Invalid value: "HTTP": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-), spec.containers[0].ports[0].name: Invalid value: "HTTP": must contain at least one letter (a-z)]',
    ],
    [
      'name digits only',
      { containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 80, name: '8080' }] }] },
      'spec.containers[0].ports[0].name: Invalid value: "8080": must contain at least one letter (a-z)',
    ],
    [
      'name double dash and edges',
      { containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 80, name: 'a--b' }] }] },
      'spec.containers[0].ports[0].name: Invalid value: "a--b": must not contain consecutive hyphens',
    ],
    [
      'duplicate name',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            ports: [
              { containerPort: 80, name: 'a' },
              { containerPort: 81, name: 'a' },
            ],
          },
        ],
      },
      'spec.containers[0].ports[1].name: Duplicate value: "a"',
    ],
    [
      'protocol',
      { containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 80, protocol: 'HTTP' }] }] },
      'spec.containers[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
    ],
    [
      'same host port twice',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            ports: [
              { containerPort: 80, hostPort: 8080 },
              { containerPort: 81, hostPort: 8080 },
            ],
          },
        ],
      },
      'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//8080"',
    ],
    [
      'host network and another host port',
      {
        containers: [{ name: 'main', image: 'app:1', ports: [{ containerPort: 80, hostPort: 8080 }] }],
        hostNetwork: true,
      },
      'spec.containers[0].ports[0].hostPort: Invalid value: 8080: must match `containerPort` when `hostNetwork` is true',
    ],
  ])('refuses %s', (_what, spec, faults) => {
    expect(faultsOf(spec)).toBe(faults);
  });

  it('has nothing against a plain pod', () => {
    expect(faultsOf({})).toBe('');
  });
});
