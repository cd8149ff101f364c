import { event } from '../kinds/event.js';
import { createApiHarness } from '../../../test/support/engine-harness.js';
import { milliseconds, instant } from '../kernel/clock.js';
import type { KubeObject } from '../machinery/object.js';
import { clusterAdministrator } from '../machinery/user.js';
import { Client } from './client.js';
import { EventRecorder } from './event-recorder.js';

const about: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'uid-of-web', resourceVersion: '5' },
};

function newRecorder() {
  const { server, loop } = createApiHarness();
  const client = new Client({
    api: server.resources,
    simulation: loop,
    propagation: milliseconds(0),
    user: clusterAdministrator,
    fieldManager: 'test',
    onError: (error) => {
      throw error;
    },
  });
  const recorder = new EventRecorder(client, event, { component: 'kubelet', host: 'worker-1' });
  const events = () => server.resources.list(event, 'default');
  const runFor = (seconds: number) => loop.run(instant(loop.now + seconds * 1_000), () => true);
  return { recorder, events, runFor };
}

describe('EventRecorder', () => {
  it('counts an event that repeats', () => {
    const { recorder, events, runFor } = newRecorder();
    for (let time = 0; time < 3; time++) {
      recorder.record(about, 'Warning', 'BackOff', 'Back-off restarting');
      runFor(10);
    }
    expect(events()).toMatchObject([
      { reason: 'BackOff', count: 3, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:20Z' },
    ]);
  });

  it('tells ten similar events apart and combines those that follow', () => {
    const { recorder, events } = newRecorder();
    for (let index = 0; index < 20; index++)
      recorder.record(about, 'Normal', 'SuccessfulCreate', `Created pod: p${index}`);
    const messages = events().map(({ message, count }) => `${count} ${message}`);
    expect(messages).toHaveLength(11);
    expect(messages).toContain('10 (combined from similar events): Created pod: p19');
  });

  it('tells at most a burst about one object, then one in five minutes', () => {
    const { recorder, events, runFor } = newRecorder();
    const told = () => events().reduce((sum, { count = 0 }) => sum + count, 0);
    for (let index = 0; index < 40; index++) recorder.record(about, 'Normal', 'Same', 'same');
    expect(told()).toBe(25);
    runFor(300);
    for (let index = 0; index < 5; index++) recorder.record(about, 'Normal', 'Same', 'same');
    expect(told()).toBe(26);
  });

  it('says what it is about and who says it', () => {
    const { recorder, events } = newRecorder();
    recorder.record({ whole: about, fieldPath: 'spec.containers{app}' }, 'Normal', 'Started', 'Container started');
    expect(events()).toMatchObject([
      {
        involvedObject: { kind: 'Pod', namespace: 'default', name: 'web', fieldPath: 'spec.containers{app}' },
        source: { component: 'kubelet', host: 'worker-1' },
        reportingComponent: 'kubelet',
        reportingInstance: 'worker-1',
        type: 'Normal',
      },
    ]);
  });
});
