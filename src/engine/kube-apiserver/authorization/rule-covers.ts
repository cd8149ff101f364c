/** Whether one set of rules grants all that another does. Mirrors component-helpers' `policy_comparator.go` and `CompactRules`. */
import type { PolicyRule } from '../../machinery/api/rbac-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import { ALL, urlCovers } from './rule-matching.js';

const NOTHING: readonly string[] = Object.freeze([]);

/** What of `wanted` the `held` rules do not grant, in rules of one verb on one thing. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(brokenDown).filter((rule) => !held.some((each) => covers(each, rule)));
}

/** A line a rule, sorted; the verbs of one resource are put together. */
export function describeRules(rules: readonly PolicyRule[]): readonly string[] {
  return [...new Set(compacted(rules).map(compactText))].sort();
}

function brokenDown(rule: PolicyRule): readonly PolicyRule[] {
  const { apiGroups = NOTHING, resources = NOTHING, resourceNames = NOTHING, nonResourceURLs = NOTHING } = rule;
  const verbs = verbsOf(rule);
  const single: PolicyRule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const one = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) single.push(one);
        else for (const name of resourceNames) single.push({ ...one, resourceNames: [name] });
      }
    }
  }
  for (const url of nonResourceURLs) for (const verb of verbs) single.push({ nonResourceURLs: [url], verbs: [verb] });
  return single;
}

/** Asked before validation, a rule may be without the verbs that it must have. */
const verbsOf = ({ verbs }: { readonly verbs: readonly string[] | null }): readonly string[] => verbs ?? NOTHING;

function covers(owner: PolicyRule, sub: PolicyRule): boolean {
  const ownerNames = owner.resourceNames ?? NOTHING;
  const subNames = sub.resourceNames ?? NOTHING;
  return (
    coversAll(owner.verbs, sub.verbs) &&
    coversAll(owner.apiGroups ?? NOTHING, sub.apiGroups ?? NOTHING) &&
    coversResources(owner.resources ?? NOTHING, sub.resources ?? NOTHING) &&
    (ownerNames.length === 0 || (subNames.length > 0 && hasAll(ownerNames, subNames))) &&
    (sub.nonResourceURLs ?? NOTHING).every((url) =>
      (owner.nonResourceURLs ?? NOTHING).some((each) => urlCovers(each, url)),
    )
  );
}

const hasAll = (list: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every((each) => list.includes(each));

const coversAll = (list: readonly string[], wanted: readonly string[]): boolean =>
  list.includes(ALL) || hasAll(list, wanted);

const coversResources = (list: readonly string[], wanted: readonly string[]): boolean =>
  coversAll(list, wanted) ||
  wanted.every((each) => {
    const slash = each.indexOf('/');
    return list.includes(each) || (slash >= 0 && list.includes(`${ALL}${each.slice(slash)}`));
  });

function compacted(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const simple = new Map<string, PolicyRule>();
  const others: PolicyRule[] = [];
  for (const rule of rules) {
    if (rule.nonResourceURLs !== undefined) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const known = simple.get(key);
    simple.set(key, known === undefined ? rule : { ...known, verbs: [...known.verbs, ...rule.verbs] });
  }
  return [...others, ...simple.values()];
}

function compactText({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const fields: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ];
  const shown = fields.flatMap(([name, values = NOTHING]) =>
    values.length === 0 ? [] : [`${name}:[${values.map(goQuote).join(' ')}]`],
  );
  return `{${shown.join(', ')}}`;
}
