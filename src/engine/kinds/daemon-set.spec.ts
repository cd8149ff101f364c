import { clusterAdministrator } from '../machinery/user.js';
import { instant } from '../kernel/clock.js';
import { Random } from '../kernel/random.js';
import type { DaemonSet } from '../machinery/api/apps-v1.js';
import type { FieldError } from '../machinery/field-error.js';
import { aggregateMessage } from '../machinery/field-error.js';
import type { StrategyContext } from '../machinery/kind.js';
import type { Draft } from '../machinery/object.js';
import { schemaOfKind } from '../machinery/schema/built-in-schemas.js';
import { normalise } from '../machinery/schema/decode.js';
import { daemonSet } from './daemon-set.js';

const schema = schemaOfKind('apps', 'v1', 'DaemonSet');
const GENERATION = 'deprecated.daemonset.template.generation';
const context: StrategyContext = {
  now: instant(0),
  random: Random.seeded(1),
  reader: { get: () => undefined, list: () => [], indexed: () => [] },
  user: clusterAdministrator,
  also: () => undefined,
};

function setOf(spec: object, image = 'app:1'): Draft<DaemonSet> {
  const labels = { app: 'agent' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } };
  const body = { metadata: { name: 'd' }, spec: { selector: { matchLabels: labels }, template, ...spec } };
  const draft = (schema === undefined ? body : normalise(schema, body)) as Draft<DaemonSet>;
  daemonSet.defaults?.(draft);
  return draft;
}

function faultsOf(spec: object): string {
  const errors: FieldError[] = [];
  daemonSet.validate?.(setOf(spec) as DaemonSet, (error) => errors.push(error));
  return aggregateMessage(errors);
}

describe('daemonSet', () => {
  it('replaces one pod at a time unless told otherwise', () => {
    const { spec } = setOf({});
    expect(spec.updateStrategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
    });
    expect(faultsOf({})).toBe('');
  });

  it('refuses to surge and to stop at once, and neither', () => {
    const path = 'spec.updateStrategy.rollingUpdate';
    expect(faultsOf({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } })).toBe(
      `${path}.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero`,
    );
    expect(faultsOf({ updateStrategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } })).toBe(
      `${path}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`,
    );
  });

  it('counts the generations of its template', () => {
    const old = setOf({});
    daemonSet.prepareForCreate?.(old, context);
    expect(old.metadata.annotations).toEqual({ [GENERATION]: '1' });
    const same = setOf({ minReadySeconds: 5 });
    daemonSet.prepareForUpdate?.(same, old as DaemonSet, context);
    expect(same.metadata.annotations).toEqual({ [GENERATION]: '1' });
    const changed = setOf({}, 'app:2');
    daemonSet.prepareForUpdate?.(changed, old as DaemonSet, context);
    expect(changed.metadata.annotations).toEqual({ [GENERATION]: '2' });
  });
});
