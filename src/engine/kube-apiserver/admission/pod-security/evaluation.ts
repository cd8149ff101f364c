import { baselineChecks } from './baseline-checks.js';
import type { CheckPod, SecurityCheck, Subject, Violation } from './check.js';
import type { LevelVersion } from './policy.js';
import { restrictedChecks } from './restricted-checks.js';

/** Newer versions ask for what this one does. */
const MINOR_MAX = 35;

/** What a pod does that the level of that version of the standards does not allow, in the order of the messages. */
export function violationsOf({ level, version }: LevelVersion, subject: Subject): readonly Violation[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? MINOR_MAX : Math.min(Number(version.slice('v1.'.length)), MINOR_MAX);
  const restricted = level === 'restricted' ? restrictedChecks.flatMap((each) => atVersion(each, minor)) : [];
  const overridden = restricted.flatMap(({ overrides }) => overrides);
  const baseline = baselineChecks
    .filter(({ id }) => !overridden.includes(id))
    .flatMap((each) => atVersion(each, minor));
  return [...baseline, ...restricted].flatMap(({ check }) => check(subject) ?? []);
}

/** `privileged (container "a" must not …), hostPort (…)` */
export const violationsText = (violations: readonly Violation[]): string =>
  violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');

export const reasonsText = (violations: readonly Violation[]): string =>
  violations.map(({ reason }) => reason).join(', ');

interface CheckAtVersion {
  readonly check: CheckPod;
  readonly overrides: readonly string[];
}

function atVersion({ versions }: SecurityCheck, minor: number): readonly CheckAtVersion[] {
  const found = versions.findLast(({ since }) => since <= minor);
  return found === undefined ? [] : [{ check: found.check, overrides: found.overrides ?? [] }];
}
