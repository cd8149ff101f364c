import type { Container, PodSpec, Volume } from '../../machinery/api/core-v1.js';
import type { Report } from '../../machinery/kind.js';
import { hasInvalidSelectorValue } from './checks.js';

/** What the rules of one pod spec share while it is checked. */
export interface PodScope {
  readonly report: Report;
  readonly spec: PodSpec;
  /** By name; faulty ones are missing, so that a mount of one is reported, too. */
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly claimNames: ReadonlySet<string>;
}

/** What an object that broke a rule before the rule existed may go on breaking. */
export interface Leniency {
  readonly selectorValues: boolean;
}

export const STRICT: Leniency = Object.freeze({ selectorValues: false });

export const leniencyFor = (old: PodSpec | undefined): Leniency =>
  old?.affinity === undefined ? STRICT : { ...STRICT, selectorValues: hasInvalidAffinitySelector(old) };

function hasInvalidAffinitySelector({ affinity }: PodSpec): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((each) => [
    ...(each?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(each?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
  return terms.some(
    (each) => hasInvalidSelectorValue(each.labelSelector) || hasInvalidSelectorValue(each.namespaceSelector),
  );
}

export const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

/** Every container with its path, in upstream's order: init, main, ephemeral. */
export function visitContainers(
  spec: PodSpec,
  path: string,
  visit: (container: Container, path: string) => void,
): void {
  const { initContainers, containers, ephemeralContainers } = spec;
  let index = 0;
  if (initContainers !== undefined) {
    for (const each of initContainers) visit(each, `${path}initContainers[${index++}]`);
  }
  index = 0;
  for (const each of containers) visit(each, `${path}containers[${index++}]`);
  index = 0;
  if (ephemeralContainers !== undefined) {
    for (const each of ephemeralContainers) visit(each, `${path}ephemeralContainers[${index++}]`);
  }
}
