import type { Deployment } from '../machinery/api/apps-v1.js';
import type { FieldError } from '../machinery/field-error.js';
import { aggregateMessage } from '../machinery/field-error.js';
import type { Draft } from '../machinery/object.js';
import { schemaOfKind } from '../machinery/schema/built-in-schemas.js';
import { normalise } from '../machinery/schema/decode.js';
import { deployment } from './deployment.js';

const schema = schemaOfKind('apps', 'v1', 'Deployment');
const labels = { app: 'web' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'app:1' }] } };

function deploymentOf(spec: object): Draft<Deployment> {
  const body = { metadata: { name: 'd' }, spec: { selector: { matchLabels: labels }, template, ...spec } };
  const draft = (schema === undefined ? body : normalise(schema, body)) as Draft<Deployment>;
  deployment.defaults?.(draft);
  return draft;
}

function faultsOf(spec: object): string {
  const errors: FieldError[] = [];
  deployment.validate?.(deploymentOf(spec) as Deployment, (error) => errors.push(error));
  return aggregateMessage(errors);
}

describe('deployment', () => {
  it('fills what was not said', () => {
    expect(deploymentOf({}).spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent' }] } },
    });
  });

  it('has nothing against what it filled', () => {
    expect(faultsOf({})).toBe('');
  });

  it.each<readonly [what: string, spec: object, faults: string]>([
    ['no replicas to be had', { replicas: -1 }, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    ['no selector', { selector: undefined }, 'spec.selector: Required value'],
    [
      'an empty selector',
      { selector: {} },
      'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
    ],
    [
      'a selector of other pods',
      { selector: { matchLabels: { app: 'other' } } },
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      'an unknown strategy',
      { strategy: { type: 'Replace' } },
      'spec.strategy: Unsupported value: {"Type":"Replace","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    ],
    [
      'a rollout that cannot move',
      { strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: '0%' } } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    ],
    [
      'pods that end',
      { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      'a deadline before readiness',
      { progressDeadlineSeconds: 5, minReadySeconds: 5 },
      'spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds',
    ],
  ])('refuses %s', (_what, spec, faults) => {
    const wanted = faultsOf(spec);
    expect(wanted.startsWith('[') ? wanted.slice(1, wanted.indexOf(', ')) : wanted).toBe(faults);
  });

  it('counts changes of the spec and of annotations', () => {
    const old = deploymentOf({}) as Deployment;
    const raises = (object: Deployment): boolean | undefined => deployment.raisesGeneration?.(object, old);
    expect(raises({ ...old, metadata: { ...old.metadata, labels: { a: 'b' } } })).toBe(false);
    expect(raises({ ...old, metadata: { ...old.metadata, annotations: { a: 'b' } } })).toBe(true);
    expect(raises(deploymentOf({ replicas: 2 }) as Deployment)).toBe(true);
  });

  it('never lets the selector change', () => {
    const errors: FieldError[] = [];
    const object = deploymentOf({
      selector: { matchLabels: {}, matchExpressions: [{ key: 'app', operator: 'Exists' }] },
    });
    deployment.validateUpdate?.(object as Deployment, deploymentOf({}) as Deployment, (error) => errors.push(error));
    expect(errors.map(({ field, detail }) => `${field}: ${detail}`)).toEqual(['spec.selector: field is immutable']);
  });

  it('gives scales the selector as text', () => {
    expect(deployment.scale?.selector(deploymentOf({}) as Deployment)).toBe('app=web');
  });
});
