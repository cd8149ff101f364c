import { diagnosisMessage } from './diagnosis.js';
import type { Rejection } from './framework.js';

const because = (...reasons: string[]): Rejection => ({ reasons, unresolvable: false });

describe('diagnosisMessage', () => {
  it('counts the nodes by reason, sorted as text', () => {
    const taint = because('node(s) had untolerated taint(s)');
    const byNode = [because('Insufficient cpu'), taint, taint, because('Insufficient cpu', 'Insufficient memory')];
    expect(diagnosisMessage({ nodeCount: 4, byNode })).toBe(
      '0/4 nodes are available: 1 Insufficient memory, 2 Insufficient cpu, 2 node(s) had untolerated taint(s).',
    );
  });

  it('gives one reason for all nodes where there is one', () => {
    expect(
      diagnosisMessage({ nodeCount: 3, everywhere: because('pod has unbound immediate PersistentVolumeClaims') }),
    ).toBe('0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.');
  });

  it('counts the nodes that nobody looked at, and ends with what was tried', () => {
    const remedy = 'preemption: not eligible due to preemptionPolicy=Never.';
    expect(diagnosisMessage({ nodeCount: 3, byNode: [because('no')], elsewhere: because('excluded'), remedy })).toBe(
      '0/3 nodes are available: 1 no, 2 excluded. preemption: not eligible due to preemptionPolicy=Never.',
    );
  });

  it('says so when there are no nodes', () => {
    expect(diagnosisMessage({ nodeCount: 0, byNode: [] })).toBe('no nodes available to schedule pods');
  });
});
