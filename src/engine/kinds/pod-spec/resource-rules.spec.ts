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

describe('resources', () => {
  it.each<readonly [what: string, spec: object, faults: string]>([
    [
      'negative',
      { containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu: '-1' } } }] },
      'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      'request above limit',
      { containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }] },
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      'extended resource fraction',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            resources: { requests: { 'example.com/x': '500m' }, limits: { 'example.com/x': '500m' } },
          },
        ],
      },
      '[spec.containers[0].resources.limits[example.com/x]: Invalid value: "500m": must be an integer, spec.containers[0].resources.requests[example.com/x]: Invalid value: "500m": must be an integer]',
    ],
    [
      'extended request without limit',
      { containers: [{ name: 'main', image: 'app:1', resources: { requests: { 'example.com/x': '1' } } }] },
      'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
    ],
    [
      'extended request below limit',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            resources: { requests: { 'example.com/x': '1' }, limits: { 'example.com/x': '2' } },
          },
        ],
      },
      'spec.containers[0].resources.requests: Invalid value: "1": must be equal to example.com/x limit of 2',
    ],
    [
      'hugepages without cpu or memory',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            resources: { requests: { 'hugepages-2Mi': '2Mi' }, limits: { 'hugepages-2Mi': '2Mi' } },
          },
        ],
      },
      'spec.containers[0].resources: Forbidden: HugePages require cpu or memory',
    ],
    [
      'hugepages request differs',
      {
        containers: [
          {
            name: 'main',
            image: 'app:1',
            resources: { requests: { 'hugepages-2Mi': '2Mi', cpu: '1' }, limits: { 'hugepages-2Mi': '4Mi' } },
          },
        ],
      },
      'spec.containers[0].resources.requests: Invalid value: "2Mi": must be equal to hugepages-2Mi limit of 4Mi',
    ],
    [
      'pods resource in a container',
      { containers: [{ name: 'main', image: 'app:1', resources: { requests: { pods: '1' } } }] },
      'spec.containers[0].resources.requests[pods]: Invalid value: "pods": must be a standard resource for containers',
    ],
    [
      'claim that is not there',
      { containers: [{ name: 'main', image: 'app:1', resources: { claims: [{ name: 'x' }] } }] },
      'spec.containers[0].resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty',
    ],
    [
      'claims',
      {
        containers: [{ name: 'main', image: 'app:1', resources: { claims: [{ name: 'a' }] } }],
        resourceClaims: [{ name: 'a' }],
      },
      'spec.resourceClaims[0]: Invalid value: {"Name":"a","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
    ],
    [
      'pod-level resources too small',
      {
        containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu: '2' } } }],
        resources: { requests: { cpu: '1' } },
      },
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
    ],
    [
      'pod-level resources of other kinds',
      { resources: { requests: { 'ephemeral-storage': '1Gi' } } },
      'spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
    ],
    [
      'pod-level claims',
      { resources: { claims: [{ name: 'a' }] } },
      '[spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level, spec.resources.claims[0]: Not found: "a": must be one of the names in pod.spec.resourceClaims which is empty]',
    ],
    [
      'overhead',
      { overhead: { cpu: '-1' } },
      'spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ])('refuses %s', (_what, spec, faults) => {
    expect(faultsOf(spec)).toBe(faults);
  });

  it('has nothing against a plain pod', () => {
    expect(faultsOf({})).toBe('');
  });
});
