import { clusterAdministrator } from '../machinery/user.js';
import { instant } from '../kernel/clock.js';
import { Random } from '../kernel/random.js';
import type { Job } from '../machinery/api/batch-v1.js';
import type { FieldError } from '../machinery/field-error.js';
import { aggregateMessage } from '../machinery/field-error.js';
import type { StrategyContext } from '../machinery/kind.js';
import type { Draft } from '../machinery/object.js';
import { schemaOfKind } from '../machinery/schema/built-in-schemas.js';
import { normalise } from '../machinery/schema/decode.js';
import { job } from './job.js';

const schema = schemaOfKind('batch', 'v1', 'Job');
const context: StrategyContext = {
  now: instant(0),
  random: Random.seeded(1),
  reader: { get: () => undefined, list: () => [], indexed: () => [] },
  user: clusterAdministrator,
  also: () => undefined,
};

function jobOf(spec: object): Draft<Job> {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'app:1' }] } };
  const body = { metadata: { name: 'j', uid: 'u' }, spec: { template, ...spec } };
  const draft = (schema === undefined ? body : normalise(schema, body)) as Draft<Job>;
  job.defaults?.(draft);
  job.prepareForCreate?.(draft, context);
  return draft;
}

function faultsOf(spec: object): string {
  const errors: FieldError[] = [];
  job.validate?.(jobOf(spec) as Job, (error) => errors.push(error));
  return aggregateMessage(errors);
}

function statusFaults(before: object, now: object, spec: object = {}): readonly string[] {
  const errors: FieldError[] = [];
  const object = jobOf(spec) as Job;
  job.validateStatusUpdate?.({ ...object, status: now }, { ...object, status: before }, (error) => errors.push(error));
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
}

const isTrue = (type: string): object => ({ type, status: 'True' });

describe('job', () => {
  it('fills what was not said, and makes its selector', () => {
    const labels = {
      'batch.kubernetes.io/controller-uid': 'u',
      'batch.kubernetes.io/job-name': 'j',
      'controller-uid': 'u',
      'job-name': 'j',
    };
    expect(jobOf({})).toMatchObject({
      metadata: { labels },
      spec: {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        manualSelector: false,
        podReplacementPolicy: 'TerminatingOrFailed',
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } },
        template: { metadata: { labels } },
      },
    });
    expect(faultsOf({})).toBe('');
  });

  it.each<readonly [what: string, spec: object, faults: string]>([
    [
      'indexes without their number',
      { completionMode: 'Indexed', parallelism: 2 },
      'spec.completions: Required value: when completion mode is Indexed',
    ],
    [
      'a limit per index without indexes',
      { backoffLimitPerIndex: 1 },
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
    ],
    [
      'pods that always restart',
      { template: { spec: { containers: [{ name: 'main', image: 'app:1' }] } } },
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      'a manager without a domain',
      { managedBy: 'me' },
      'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    [
      'a policy for success without indexes',
      { successPolicy: { rules: [{ succeededCount: 1 }] } },
      'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires indexed completion mode',
    ],
  ])('refuses %s', (_what, spec, faults) => {
    expect(faultsOf(spec)).toBe(faults);
  });

  it('lets a suspended job that never ran be moved, not changed', () => {
    const old = jobOf({ suspend: true }) as Job;
    const containers = [{ name: 'main', image: 'app:2' }];
    const changed = (spec: object): readonly string[] => {
      const errors: FieldError[] = [];
      const template = { ...old.spec.template, spec: { ...old.spec.template.spec, ...spec } };
      const object = { ...old, spec: { ...old.spec, template } } as Job;
      job.validateUpdate?.(object, old, (error) => errors.push(error));
      return errors.map(({ field }) => field);
    };
    expect(changed({ nodeSelector: { a: 'b' } })).toEqual([]);
    expect(changed({ containers: [{ ...old.spec.template.spec?.containers[0], ...containers[0] }] })).toEqual([
      'spec.template',
    ]);
  });

  it('checks that a status tells one story', () => {
    const start = { startTime: '2026-01-01T00:00:00Z' };
    const done = { ...start, completionTime: '2026-01-01T00:01:00Z', succeeded: 1 };
    const conditions = [isTrue('SuccessCriteriaMet'), isTrue('Complete')];
    expect(statusFaults(start, { ...done, conditions })).toEqual([]);
    expect(statusFaults(start, { ...done, conditions: [isTrue('Complete')] })).toEqual([
      'status.conditions: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    ]);
    expect(statusFaults(start, { ...done, conditions, active: 2 })).toEqual([
      'status.active: active>0 is invalid for finished job',
    ]);
    expect(statusFaults({ ...start, failed: 2 }, { ...start, failed: 1 })).toEqual([
      'status.failed: cannot decrease the failed counter',
    ]);
    expect(statusFaults(start, { ...start, completedIndexes: '0' })).toEqual([
      'status.completedIndexes: cannot set non-empty completedIndexes when non-indexed completion mode',
    ]);
  });
});
