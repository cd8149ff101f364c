import type { AllocatedDeviceStatus, ResourceClaim } from '../../machinery/api/resource-v1.js';
import { fieldErrorMessage, type FieldError } from '../../machinery/field-error.js';
import type { Draft } from '../../machinery/object.js';
import { prepareClaimStatus } from './claim-status-preparation.js';
import { checkClaimStatus } from './claim-status-rules.js';

type Status = NonNullable<ResourceClaim['status']>;

const DEVICE = { driver: 'd.example.com', pool: 'p', device: 'd0' };
const ALLOCATED: Status = { allocation: { devices: { results: [{ request: 'r', ...DEVICE }] } } };
const CONDITION = {
  type: 'Ready',
  status: 'True',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'Up',
  message: '',
};

const claimWith = (status: Status): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name: 'c', namespace: 'n' },
  spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } },
  status,
});

function faultsOf(status: Status): readonly string[] {
  const errors: FieldError[] = [];
  checkClaimStatus(claimWith(status), claimWith(ALLOCATED), (error) => errors.push(error));
  return errors.map(fieldErrorMessage);
}

const reporting = (...devices: readonly Omit<AllocatedDeviceStatus, 'driver' | 'pool' | 'device'>[]): Status => ({
  ...ALLOCATED,
  devices: devices.map((each) => ({ ...DEVICE, ...each })),
});

describe('the status of a device claim', () => {
  const at = 'status.devices[0]';
  it.each<[string, Status, readonly string[]]>([
    [
      'all that a driver may say',
      reporting({
        conditions: [CONDITION],
        data: { any: 1 } as never,
        networkData: { interfaceName: 'eth1', ips: ['10.9.8.7/24', '2001:db8::1/64'], hardwareAddress: 'ea:9f' },
      }),
      [],
    ],
    [
      'two conditions of one type',
      reporting({ conditions: [CONDITION, { ...CONDITION, status: 'Maybe' }] }),
      [
        `${at}.conditions[1].type: Duplicate value: "Ready"`,
        `${at}.conditions[1].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
      ],
    ],
    [
      'a condition that says nothing',
      reporting({ conditions: [{ ...CONDITION, lastTransitionTime: null, reason: '' }] as never }),
      [`${at}.conditions[0].lastTransitionTime: Required value`, `${at}.conditions[0].reason: Required value`],
    ],
    [
      'addresses that are none',
      reporting({ networkData: { ips: ['10.9.8.7', '2001:DB8::1/64'] } }),
      [
        `${at}.networkData.ips[0]: Invalid value: "10.9.8.7": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)`,
        `${at}.networkData.ips[1]: Invalid value: "2001:DB8::1/64": must be in canonical form ("2001:db8::1/64")`,
      ],
    ],
  ])('with %s', (_, status, faults) => expect(faultsOf(status)).toEqual(faults));

  it('loses what is about devices that are given back, and keeps the rest', () => {
    const other = { ...DEVICE, device: 'd1' };
    const old = { ...claimWith({ ...ALLOCATED, devices: [DEVICE] }) };
    const draft = claimWith({ devices: [DEVICE, other] }) as Draft<ResourceClaim>;
    draft.metadata.labels = { l: '1' };
    prepareClaimStatus(draft, old);
    expect(draft.status).toEqual({ devices: [other] });
    expect(draft.metadata).toEqual(old.metadata);
  });
});
