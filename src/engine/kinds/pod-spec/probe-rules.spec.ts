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

describe('probes and hooks', () => {
  it.each<readonly [what: string, spec: object, faults: string]>([
    [
      'no handler',
      { containers: [{ name: 'main', image: 'app:1', livenessProbe: {} }] },
      'spec.containers[0].livenessProbe: Required value: must specify a handler type',
    ],
    [
      'two handlers',
      {
        containers: [
          { name: 'main', image: 'app:1', livenessProbe: { exec: { command: ['true'] }, tcpSocket: { port: 80 } } },
        ],
      },
      'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
    ],
    [
      'exec without command',
      { containers: [{ name: 'main', image: 'app:1', livenessProbe: { exec: {} } }] },
      'spec.containers[0].livenessProbe.exec.command: Required value',
    ],
    [
      'http without port',
      { containers: [{ name: 'main', image: 'app:1', livenessProbe: { httpGet: { path: '/' } } }] },
      'spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      'http port range',
      { containers: [{ name: 'main', image: 'app:1', livenessProbe: { httpGet: { port: 0 } } }] },
      'spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      'http port name',
      { containers: [{ name: 'main', image: 'app:1', livenessProbe: { httpGet: { port: 'a_b' } } }] },
      'spec.containers[0].livenessProbe.httpGet.port: Invalid value: "a_b": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    ],
    [
      'http port digits as text',
      { containers: [{ name: 'main', image: 'app:1', livenessProbe: { httpGet: { port: '80' } } }] },
      'spec.containers[0].livenessProbe.httpGet.port: Invalid value: "80": must contain at least one letter (a-z)',
    ],
    [
      'http scheme',
      { containers: [{ name: 'main', image: 'app:1', livenessProbe: { httpGet: { port: 80, scheme: 'ftp' } } }] },
      'spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: "ftp": supported values: "HTTP", "HTTPS"',
    ],
    [
      'http headers',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            livenessProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'bad header', value: 'x' }] } },
          },
        ],
      },
      "spec.containers[0].livenessProbe.httpGet.httpHeaders: Invalid value: \"bad header\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
    ],
    [
      'tcp port',
      { containers: [{ name: 'main', image: 'app:1', livenessProbe: { tcpSocket: { port: -1 } } }] },
      'spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: -1: must be between 1 and 65535, inclusive',
    ],
    [
      'grpc port',
      { containers: [{ name: 'main', image: 'app:1', livenessProbe: { grpc: { port: 0 } } }] },
      'spec.containers[0].livenessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [
      'success threshold of liveness',
      {
        containers: [
          { name: 'main', image: 'app:1', livenessProbe: { exec: { command: ['true'] }, successThreshold: 2 } },
        ],
      },
      'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
    ],
    [
      'grace of a probe',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            livenessProbe: { exec: { command: ['true'] }, terminationGracePeriodSeconds: 0 },
          },
        ],
      },
      'spec.containers[0].livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0',
    ],
    [
      'grace of a readiness probe',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            readinessProbe: { exec: { command: ['true'] }, terminationGracePeriodSeconds: 5 },
          },
        ],
      },
      'spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes',
    ],
  ])('refuses %s', (_what, spec, faults) => {
    expect(faultsOf(spec)).toBe(faults);
  });

  it('has nothing against a plain pod', () => {
    expect(faultsOf({})).toBe('');
  });
});
