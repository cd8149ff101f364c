import type { Pod, PodSpec } from '../../machinery/api/core-v1.js';
import type { FieldError } from '../../machinery/field-error.js';
import { aggregateMessage } from '../../machinery/field-error.js';
import type { Draft } from '../../machinery/object.js';
import { defaultPod } from './defaults.js';
import { checkPodUpdate } from './pod-update-rules.js';

function podOf(spec: Partial<PodSpec>): Pod {
  const draft = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n' },
    spec: { containers: [{ name: 'main', image: 'app:1' }], serviceAccountName: 'default', ...spec },
  } as unknown as Draft<Pod>;
  defaultPod(draft);
  return draft as Pod;
}

function faultsOf(before: Partial<PodSpec>, now: Partial<PodSpec>): string {
  const errors: FieldError[] = [];
  checkPodUpdate((error) => errors.push(error), podOf(now), podOf(before));
  return aggregateMessage(errors);
}

const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute' };
const gates = [{ name: 'a.example/g' }, { name: 'b.example/g' }];

describe('checkPodUpdate', () => {
  it.each<readonly [what: string, before: Partial<PodSpec>, now: Partial<PodSpec>]>([
    ['nothing', {}, {}],
    ['an image', {}, { containers: [{ name: 'main', image: 'app:2' }] }],
    ['a nearer deadline', { activeDeadlineSeconds: 50 }, { activeDeadlineSeconds: 40 }],
    ['one more toleration', { tolerations: [toleration] }, { tolerations: [toleration, { ...toleration, key: 'b' }] }],
    [
      'how long is tolerated',
      { tolerations: [toleration] },
      { tolerations: [{ ...toleration, tolerationSeconds: 5 }] },
    ],
    ['a gate taken away', { schedulingGates: gates }, { schedulingGates: gates.slice(1) }],
    ['a gated pod on fewer nodes', { schedulingGates: gates }, { schedulingGates: gates, nodeSelector: { a: 'b' } }],
  ])('allows %s', (_what, before, now) => {
    expect(faultsOf(before, now)).toBe('');
  });

  it.each<readonly [what: string, before: Partial<PodSpec>, now: Partial<PodSpec>, faults: string]>([
    [
      'another container',
      {},
      {
        containers: [
          { name: 'main', image: 'app:1' },
          { name: 'b', image: 'b' },
        ],
      },
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ],
    [
      'a later deadline',
      { activeDeadlineSeconds: 50 },
      { activeDeadlineSeconds: 60 },
      'spec.activeDeadlineSeconds: Invalid value: 60: must be less than or equal to previous value',
    ],
    [
      'a new gate',
      { schedulingGates: gates.slice(1) },
      { schedulingGates: gates },
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'a.example/g'",
    ],
    [
      'a gated pod on other nodes',
      { schedulingGates: gates, nodeSelector: { a: 'b' } },
      { schedulingGates: gates, nodeSelector: { a: 'c' } },
      'spec.nodeSelector: Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ],
  ])('refuses %s', (_what, before, now, faults) => {
    expect(faultsOf(before, now)).toBe(faults);
  });

  it('names the lines that differ', () => {
    expect(faultsOf({}, { containers: [{ name: 'main', image: 'app:1', command: ['x'] }] })).toContain(
      '\n@@ -5,7 +5,9 @@\n   {\n    "Name": "main",\n    "Image": "app:1",\n-   "Command": null,\n+   "Command": [\n+    "x"\n+   ],\n    "Args": null,\n',
    );
  });
});
