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

describe('scheduling fields', () => {
  it.each<readonly [what: string, spec: object, faults: string]>([
    [
      'spread action',
      {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'Ignore', labelSelector: {} },
        ],
      },
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Ignore": supported values: "DoNotSchedule", "ScheduleAnyway"',
    ],
    [
      'spread twice the same',
      {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
          { maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
        ],
      },
      'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"',
    ],
    [
      'toleration without key',
      { tolerations: [{ operator: 'Equal', value: 'x' }] },
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
    [
      'toleration operator',
      { tolerations: [{ key: 'a', operator: 'In', value: 'x' }] },
      'spec.tolerations[0].operator: Unsupported value: "In": supported values: "Equal", "Exists"',
    ],
    [
      'toleration Exists with value',
      { tolerations: [{ key: 'a', operator: 'Exists', value: 'x' }] },
      'spec.tolerations[0].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\'',
    ],
    [
      'toleration Gt',
      { tolerations: [{ key: 'a', operator: 'Gt', value: '5' }] },
      'spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"',
    ],
    [
      'toleration effect',
      { tolerations: [{ key: 'a', operator: 'Exists', effect: 'Never' }] },
      'spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
    [
      'toleration seconds',
      { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }] },
      'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    ],
    [
      'dns policy',
      { dnsPolicy: 'Own' },
      'spec.dnsPolicy: Unsupported value: "Own": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
    ],
    [
      'dns None without servers',
      { dnsPolicy: 'None', dnsConfig: {} },
      'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
    ],
    [
      'dns servers',
      { dnsConfig: { nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'] } },
      'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","2.2.2.2","3.3.3.3","4.4.4.4"]: must not have more than 3 nameservers',
    ],
    [
      'dns options',
      { dnsConfig: { options: [{ name: '' }, { name: 'ndots', value: '2' }] } },
      'spec.dnsConfig.options[0]: Required value: must not be empty',
    ],
  ])('refuses %s', (_what, spec, faults) => {
    expect(faultsOf(spec)).toBe(faults);
  });

  it('has nothing against a plain pod', () => {
    expect(faultsOf({})).toBe('');
  });
});
