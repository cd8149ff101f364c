/** Mirrors apiextensions' naming controller: a definition gets the names that no other of its group has. */
import type { Instant } from '../../kernel/clock.js';
import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../machinery/api/apiextensions-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { goQuote } from '../../machinery/go-text.js';
import { conditionOf, isConditionTrue, withCondition } from './definition-conditions.js';

const NO_NAMES: CustomResourceDefinitionNames = Object.freeze({ plural: '', kind: '' });

interface Conflict {
  readonly reason: string;
  readonly message: string;
}

/** The definition with the names that it can have, and what to say of them; `undefined` when nothing changes. */
export function withAcceptedNames(
  definition: CustomResourceDefinition,
  all: readonly CustomResourceDefinition[],
  now: Instant,
): CustomResourceDefinition | undefined {
  const accepted = definition.status?.acceptedNames ?? NO_NAMES;
  const { names } = definition.spec;
  if (deepEqual(names, accepted)) return undefined;
  const group = all.filter(({ spec }) => spec.group === definition.spec.group);
  const { next, conflict } = settle(names, accepted, usedNames(group));
  const condition = {
    type: 'NamesAccepted',
    status: conflict === undefined ? 'True' : 'False',
    ...(conflict ?? { reason: 'NoConflicts', message: 'no conflicts found' }),
  } as const;
  const old = conditionOf(definition, 'NamesAccepted');
  const isSaid =
    old?.status === condition.status && old.reason === condition.reason && old.message === condition.message;
  if (isSaid && deepEqual(next, accepted)) return undefined;
  const named = { ...definition, status: { ...definition.status, acceptedNames: next } };
  return withEstablishment(withCondition(named, condition, now), now);
}

/** What is not established yet says why not. */
function withEstablishment(definition: CustomResourceDefinition, now: Instant): CustomResourceDefinition {
  const old = conditionOf(definition, 'Established');
  if (old?.status === 'True') return definition;
  if (isConditionTrue(definition, 'NamesAccepted')) {
    const message = 'the initial names have been accepted';
    return withCondition(definition, { type: 'Established', status: 'False', reason: 'Installing', message }, now);
  }
  if (old !== undefined) return definition;
  const message = 'not all names are accepted';
  return withCondition(definition, { type: 'Established', status: 'False', reason: 'NotAccepted', message }, now);
}

interface UsedNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

function usedNames(group: readonly CustomResourceDefinition[]): UsedNames {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { status } of group) {
    const { plural, singular = '', shortNames, kind, listKind = '' } = status?.acceptedNames ?? NO_NAMES;
    for (const name of [plural, singular, ...(shortNames ?? [])]) resources.add(name);
    for (const name of [kind, listKind]) kinds.add(name);
  }
  return { resources, kinds };
}

/** Of several conflicts the last is told; what has none is taken over. */
function settle(
  wanted: CustomResourceDefinitionNames,
  accepted: CustomResourceDefinitionNames,
  { resources, kinds }: UsedNames,
): { readonly next: CustomResourceDefinitionNames; readonly conflict: Conflict | undefined } {
  let conflict: Conflict | undefined;
  const next: { -readonly [Key in keyof CustomResourceDefinitionNames]: CustomResourceDefinitionNames[Key] } = {
    ...accepted,
  };
  const takeOver = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    reason: string,
    used: ReadonlySet<string>,
  ): void => {
    const name = wanted[field] ?? '';
    if (name !== (accepted[field] ?? '') && used.has(name)) conflict = { reason, message: inUse(name) };
    else next[field] = name;
  };
  takeOver('plural', 'PluralConflict', resources);
  takeOver('singular', 'SingularConflict', resources);
  if (!deepEqual(wanted.shortNames, accepted.shortNames)) {
    const own = accepted.shortNames ?? [];
    const taken = (wanted.shortNames ?? []).filter((name) => !own.includes(name) && resources.has(name));
    const messages = [...new Set(taken)].map(inUse);
    if (messages.length > 0) {
      const message = messages.length > 1 ? `[${messages.join(', ')}]` : messages.join('');
      conflict = { reason: 'ShortNamesConflict', message };
    } else setOptional(next, 'shortNames', wanted.shortNames);
  }
  takeOver('kind', 'KindConflict', kinds);
  takeOver('listKind', 'ListKindConflict', kinds);
  setOptional(next, 'categories', wanted.categories);
  return { next, conflict };
}

const inUse = (name: string): string => `${goQuote(name)} is already in use`;

function setOptional(names: object, field: 'shortNames' | 'categories', value: readonly string[] | undefined): void {
  if (value === undefined) delete (names as Record<string, unknown>)[field];
  else (names as Record<string, unknown>)[field] = value;
}
