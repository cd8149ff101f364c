import type { PriorityClass } from '../machinery/api/scheduling-v1.js';
import { forbidden, notSupported, required } from '../machinery/field-error.js';
import { defineKind } from '../machinery/kind.js';
import { defineIndex } from '../machinery/resource-reader.port.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { checkImmutable } from './shared/immutable.js';

const USER_VALUE_MAX = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';
const SYSTEM_VALUES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};
const POLICIES: readonly string[] = ['PreemptLowerPriority', 'Never'];
const RESERVED = "priority class names with 'system-' prefix are reserved for system use only.";

const NO_KEYS: readonly string[] = Object.freeze([]);
const DEFAULT_KEYS: readonly string[] = Object.freeze(['default']);

/** The classes that pods without a class get, under `default`. */
export const defaultPriorityClasses = defineIndex<PriorityClass>({
  name: 'defaultPriorityClasses',
  keysOf: ({ globalDefault }) => (globalDefault === true ? DEFAULT_KEYS : NO_KEYS),
});

export const priorityClass = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  scope: 'Cluster',
  type: 'k8s.io/api/scheduling/v1.PriorityClass',
  indexes: [defaultPriorityClasses],
  columns: [
    nameColumn,
    { name: 'Value', type: 'integer', value: ({ value }) => value },
    { name: 'Global-Default', type: 'boolean', value: ({ globalDefault = false }) => globalDefault },
    ageColumn,
    { name: 'PreemptionPolicy', type: 'string', value: ({ preemptionPolicy = '' }) => preemptionPolicy },
  ],

  defaults(draft) {
    draft.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  prepareForCreate({ metadata }) {
    metadata.generation = 1;
  },

  validate({ metadata: { name }, value, globalDefault = false, preemptionPolicy }, report) {
    if (name.startsWith(SYSTEM_PREFIX)) {
      const fault = systemClassFault(name, value, globalDefault);
      if (fault !== undefined) report(forbidden('metadata.name', `${RESERVED} error: ${fault}`));
    } else if (value > USER_VALUE_MAX) {
      report(forbidden('value', `maximum allowed value of a user defined priority is ${USER_VALUE_MAX}`));
    }
    if (preemptionPolicy === '') report(required('preemptionPolicy'));
    else if (preemptionPolicy !== undefined && !POLICIES.includes(preemptionPolicy)) {
      report(notSupported('preemptionPolicy', preemptionPolicy, POLICIES));
    }
  },
  validateUpdate(object, old, report) {
    if (object.value !== old.value) report(forbidden('value', 'may not be changed in an update.'));
    checkImmutable(report, 'preemptionPolicy', [object.preemptionPolicy, old.preemptionPolicy]);
  },
});

function systemClassFault(name: string, value: number, globalDefault: boolean): string | undefined {
  const expected = Object.hasOwn(SYSTEM_VALUES, name) ? SYSTEM_VALUES[name] : undefined;
  if (expected === undefined) return `${name} is not a known system priority class`;
  if (value !== expected) return `value of ${name} PriorityClass must be ${expected}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
