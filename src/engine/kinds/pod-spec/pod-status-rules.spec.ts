import type { Pod, PodStatus } from '../../machinery/api/core-v1.js';
import type { FieldError } from '../../machinery/field-error.js';
import type { Draft } from '../../machinery/object.js';
import { checkPodStatusUpdate, preparePodStatus } from './pod-status-rules.js';

const podOf = (status: PodStatus, spec: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n' },
  spec: { containers: [{ name: 'main', image: 'app:1' }], restartPolicy: 'Never', ...spec },
  status: { qosClass: 'BestEffort', ...status },
});

function faultsOf(before: PodStatus, now: PodStatus, spec: object = {}): readonly string[] {
  const errors: FieldError[] = [];
  checkPodStatusUpdate((error) => errors.push(error), podOf(now, spec), podOf(before, spec));
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
}

const container = (state: object) => ({ name: 'main', image: '', imageID: '', ready: false, restartCount: 0, state });
const ended = { containerStatuses: [container({ terminated: { exitCode: 1 } })] };
const runs = { containerStatuses: [container({ running: {} })] };

describe('checkPodStatusUpdate', () => {
  it('lets no container come back that may not restart', () => {
    const fault = 'status.containerStatuses[0].state: may not be transitioned to non-terminated state';
    expect(faultsOf(ended, runs)).toEqual([fault]);
    expect(faultsOf(ended, runs, { restartPolicy: 'OnFailure' })).toEqual([]);
    expect(faultsOf(ended, runs, { containers: [{ name: 'main', restartPolicy: 'Always' }] })).toEqual([]);
  });

  it('keeps the quality of service', () => {
    expect(faultsOf({}, { qosClass: 'Guaranteed' })).toEqual(['status.qosClass: field is immutable']);
  });

  it('wants one address of each family', () => {
    const fault = 'status.podIPs: may specify no more than one IP for each IP family';
    expect(faultsOf({}, { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] })).toEqual([]);
    expect(faultsOf({}, { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] })).toEqual([fault]);
  });

  it('nominates no node for a bound pod', () => {
    expect(faultsOf({}, { nominatedNodeName: 'b' }, { nodeName: 'a' })).toEqual([
      'status.nominatedNodeName: may not be set on pods that are already bound to a node',
    ]);
  });
});

describe('preparePodStatus', () => {
  it('keeps what clients that know less would lose', () => {
    const old = podOf({
      observedGeneration: 3,
      conditions: [{ type: 'Ready', status: 'True', observedGeneration: 3 }],
    });
    const draft = podOf({ conditions: [{ type: 'Ready', status: 'False' }] }, { nodeName: 'elsewhere' }) as Draft<Pod>;
    preparePodStatus(draft, old);
    expect(draft.spec).toEqual(old.spec);
    expect(draft.status).toEqual({
      qosClass: 'BestEffort',
      observedGeneration: 3,
      conditions: [{ type: 'Ready', status: 'False', observedGeneration: 3 }],
    });
  });

  it.each<readonly [sent: PodStatus, kept: PodStatus]>([
    [{ podIP: '10.0.0.1' }, { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] }],
    [{ podIPs: [{ ip: '10.0.0.1' }] }, { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] }],
    [
      { podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
      { podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.2' }] },
    ],
  ])('makes both fields of the address one: %j', (sent, kept) => {
    const draft = podOf(sent) as Draft<Pod>;
    preparePodStatus(draft, podOf({}));
    expect(draft.status).toMatchObject(kept);
  });
});
