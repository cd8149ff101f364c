import { schemaOf } from './built-in-schemas.js';
import { unstructuredFault } from './unstructured-fault.js';

const pod = schemaOf('k8s.io/api/core/v1.Pod');
const faultOf = (spec: unknown): string | undefined => unstructuredFault(pod, { spec });

describe('what the converter from unstructured maps says', () => {
  it.each([
    [{ containers: [{ name: 'a' }] }, undefined],
    [{ containers: { name: 'a' } }, 'cannot restore slice from map'],
    [{ containers: 'a' }, 'cannot restore slice from string'],
    [{ containers: ['a'] }, 'cannot restore struct from: string'],
    [{ nodeSelector: [] }, 'cannot restore map from slice'],
    [{ nodeSelector: { a: 1 } }, 'cannot convert int64 to string'],
    [{ nodeSelector: { a: true } }, 'unrecognized type: string'],
    [{ dnsPolicy: 1 }, 'cannot convert int64 to v1.DNSPolicy'],
    [{ priority: '1' }, 'unrecognized type: int32'],
    [{ priority: 1.5 }, 'cannot convert float64 to int32'],
    [{ hostNetwork: 'yes' }, 'unrecognized type: bool'],
    [
      { overhead: { cpu: 'x' } },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
  ])('of %j is %j', (spec, fault) => expect(faultOf(spec)).toBe(fault));

  it('goes by the order of the struct', () => {
    expect(faultOf({ hostNetwork: 'yes', containers: 'a' })).toBe('cannot restore slice from string');
  });
});
