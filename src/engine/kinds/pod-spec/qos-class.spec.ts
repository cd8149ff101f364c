import type { PodSpec } from '../../machinery/api/core-v1.js';
import { qosClassOf } from './qos-class.js';

const spec = (...resources: readonly object[]): PodSpec => ({
  containers: resources.map((each, index) => ({ name: `c${index}`, resources: each })),
});
const full = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1000m', memory: '1024Mi' } };

describe('qosClassOf', () => {
  it.each<readonly [what: string, spec: PodSpec, qosClass: string]>([
    ['nothing asked', spec({}), 'BestEffort'],
    ['zero asked', spec({ requests: { cpu: '0' } }), 'BestEffort'],
    ['only other resources', spec({ requests: { 'ephemeral-storage': '1Gi' } }), 'BestEffort'],
    ['all limits met', spec(full), 'Guaranteed'],
    ['one container without', spec(full, {}), 'Burstable'],
    ['a request below its limit', spec({ ...full, requests: { cpu: '500m', memory: '1Gi' } }), 'Burstable'],
    ['no limit for memory', spec({ requests: { cpu: '1' }, limits: { cpu: '1' } }), 'Burstable'],
    ['requests alone', spec({ requests: { cpu: '1', memory: '1Gi' } }), 'Burstable'],
    ['the pod as a whole', { containers: [{ name: 'c' }], resources: full }, 'Guaranteed'],
    [
      'an init container without',
      { containers: [{ name: 'c', resources: full }], initContainers: [{ name: 'i' }] },
      'Burstable',
    ],
  ])('%s', (_what, of, qosClass) => {
    expect(qosClassOf(of)).toBe(qosClass);
  });
});
