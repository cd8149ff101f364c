import { instant } from '../../kernel/clock.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { podSummary, readinessGatesText, restartsText } from './pod-columns.js';

const now = instant(Date.parse('2026-01-01T00:10:00Z'));
const podOf = (status: object, spec: object = {}, metadata: object = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { containers: [{ name: 'a' }], ...spec },
    status,
  }) as unknown as Pod;
const container = (state: object, more: object = {}): object => ({
  name: 'a',
  restartCount: 0,
  ready: false,
  state,
  ...more,
});
const running = { running: {} };

describe('podSummary', () => {
  it.each<readonly [status: string, ready: string, pod: Pod]>([
    ['Pending', '0/1', podOf({ phase: 'Pending' })],
    ['Evicted', '0/1', podOf({ phase: 'Failed', reason: 'Evicted' })],
    [
      'SchedulingGated',
      '0/1',
      podOf({ phase: 'Pending', conditions: [{ type: 'PodScheduled', reason: 'SchedulingGated' }] }),
    ],
    ['Running', '1/1', podOf({ phase: 'Running', containerStatuses: [container(running, { ready: true })] })],
    [
      'CrashLoopBackOff',
      '0/1',
      podOf({ phase: 'Running', containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } })] }),
    ],
    ['ExitCode:3', '0/1', podOf({ phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 3 } })] })],
    [
      'Signal:9',
      '0/1',
      podOf({ phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 137, signal: 9 } })] }),
    ],
    ['Terminating', '0/1', podOf({ phase: 'Running' }, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
    [
      'Unknown',
      '0/1',
      podOf({ phase: 'Running', reason: 'NodeLost' }, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    ],
    [
      'Init:0/1',
      '0/1',
      podOf(
        {
          phase: 'Pending',
          initContainerStatuses: [container({ waiting: { reason: 'PodInitializing' } }, { name: 'i' })],
        },
        { initContainers: [{ name: 'i' }] },
      ),
    ],
    [
      'Init:ErrImagePull',
      '0/1',
      podOf(
        { initContainerStatuses: [container({ waiting: { reason: 'ErrImagePull' } }, { name: 'i' })] },
        { initContainers: [{ name: 'i' }] },
      ),
    ],
    [
      'Init:ExitCode:1',
      '0/1',
      podOf(
        { initContainerStatuses: [container({ terminated: { exitCode: 1 } }, { name: 'i' })] },
        { initContainers: [{ name: 'i' }] },
      ),
    ],
    [
      'Running',
      '2/2',
      podOf(
        {
          phase: 'Running',
          initContainerStatuses: [container(running, { name: 'i', started: true, ready: true })],
          containerStatuses: [container(running, { ready: true })],
        },
        { initContainers: [{ name: 'i', restartPolicy: 'Always' }] },
      ),
    ],
    [
      'NotReady',
      '1/2',
      podOf(
        {
          phase: 'Running',
          containerStatuses: [
            container({ terminated: { exitCode: 0, reason: 'Completed' } }),
            container(running, { ready: true }),
          ],
        },
        { containers: [{ name: 'a' }, { name: 'b' }] },
      ),
    ],
  ])('%s %s', (status, ready, pod) => {
    expect(podSummary(pod)).toMatchObject({ status, ready });
  });
});

describe('restartsText', () => {
  it('says when the last one was', () => {
    const lastState = { terminated: { finishedAt: '2026-01-01T00:05:00Z', exitCode: 1 } };
    const summary = podSummary(podOf({ containerStatuses: [container(running, { restartCount: 3, lastState })] }));
    expect(restartsText(summary, { now })).toBe('3 (5m ago)');
  });

  it('is a bare count without that', () => {
    expect(
      restartsText(podSummary(podOf({ containerStatuses: [container(running, { restartCount: 2 })] })), { now }),
    ).toBe('2');
  });
});

describe('readinessGatesText', () => {
  it('counts those that hold', () => {
    const gates = [{ conditionType: 'a/b' }, { conditionType: 'a/c' }];
    expect(
      readinessGatesText(podOf({ conditions: [{ type: 'a/b', status: 'True' }] }, { readinessGates: gates })),
    ).toBe('1/2');
    expect(readinessGatesText(podOf({}))).toBe('<none>');
  });
});
