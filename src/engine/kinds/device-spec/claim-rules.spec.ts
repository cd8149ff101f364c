import type { DeviceClaim } from '../../machinery/api/resource-v1.js';
import type { Namespace } from '../../machinery/api/core-v1.js';
import { fieldErrorMessage, type FieldError } from '../../machinery/field-error.js';
import { checkAdminAccess, checkDeviceClaim } from './claim-rules.js';

function faultsOf(claim: DeviceClaim, check = checkDeviceClaim): readonly string[] {
  const errors: FieldError[] = [];
  check((error) => errors.push(error), 'd', claim);
  return errors.map(fieldErrorMessage);
}

const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 };
const NO_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

describe('a claim of devices', () => {
  it.each<readonly [string, DeviceClaim, readonly string[]]>([
    ['may ask for nothing', {}, []],
    ['asks for devices of a class', { requests: [{ name: 'r', exactly }] }, []],
    [
      'asks one way or the other',
      { requests: [{ name: 'r' }] },
      ['d.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required'],
    ],
    [
      'names each request once',
      {
        requests: [
          { name: 'r', exactly },
          { name: 'r', exactly },
        ],
      },
      ['d.requests[1]: Duplicate value: "r"'],
    ],
    [
      'counts what it does not take all of',
      { requests: [{ name: 'r', exactly: { ...exactly, allocationMode: 'All', count: 2 } }] },
      ["d.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'"],
    ],
    [
      'constrains requests that it makes',
      { requests: [{ name: 'r', exactly }], constraints: [{ requests: ['q'], matchAttribute: 'a.b/c' }] },
      [`d.constraints[0].requests[0]: Invalid value: "q": ${NO_REQUEST}`],
    ],
    [
      'asks for so much only',
      { requests: Array.from({ length: 33 }, (_, index) => ({ name: `r${index}`, exactly })) },
      ['d.requests: Too many: 33: must have at most 32 items'],
    ],
  ])('%s', (_title, claim, faults) => {
    expect(faultsOf(claim)).toEqual(faults);
  });

  it('gets to devices of others in namespaces that allow it', () => {
    const claim = { requests: [{ name: 'r', exactly: { ...exactly, adminAccess: true } }] };
    const labels = { 'resource.kubernetes.io/admin-access': 'true' };
    const namespace: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n', labels }, spec: {} };
    expect(faultsOf(claim, checkAdminAccess)).toHaveLength(1);
    expect(faultsOf(claim, (report, path, each) => checkAdminAccess(report, path, each, namespace))).toEqual([]);
  });
});
