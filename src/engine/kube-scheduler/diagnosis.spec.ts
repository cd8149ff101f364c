import { diagnosisMessage } from './diagnosis.js';
import type { Rejection } from './framework.js';

const because = (...reasons: string[]): Rejection => ({ reasons, unresolvable: false });

describe('diagnosisMessage', () => {
  it('counts the nodes by reason, sorted as text', () => {
    const taint = because('node(s) had untolerated taint(s)');
    const byNode = new Map([
      ['a', because('Insufficient cpu')],
      ['b', taint],
      ['c', taint],
      ['d', because('Insufficient cpu', 'Insufficient memory')],
    ]);
    expect(diagnosisMessage({ nodeCount: 4, byNode })).toBe(
      '0/4 nodes are available: 1 Insufficient memory, 2 Insufficient cpu, 2 node(s) had untolerated taint(s).',
    );
  });

  it('gives one reason for all nodes where there is one', () => {
    expect(
      diagnosisMessage({ nodeCount: 3, everywhere: because('pod has unbound immediate PersistentVolumeClaims') }),
    ).toBe('0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.');
  });

  it('says so when there are no nodes', () => {
    expect(diagnosisMessage({ nodeCount: 0, byNode: new Map() })).toBe('no nodes available to schedule pods');
  });
});
