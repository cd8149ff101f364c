import type { Pod, SELinuxOptions } from '../../machinery/api/core-v1.js';

const NO_LABEL = ':::';

/** The SELinux labels that the containers of a pod want on each volume that they mount; none of a container without any. */
export function mountLabels({ spec }: Pod): ReadonlyMap<string, ReadonlySet<string>> {
  const wanted = new Map<string, Set<string>>();
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  for (const { securityContext, volumeMounts = [] } of containers) {
    const options = securityContext?.seLinuxOptions ?? spec.securityContext?.seLinuxOptions;
    for (const { name } of volumeMounts) {
      const labels = wanted.get(name) ?? new Set();
      if (options !== undefined) labels.add(labelOf(options));
      wanted.set(name, labels);
    }
  }
  return wanted;
}

/** What is left out stays so: what a node would put there is not known here. */
function labelOf({ user = '', role = '', type = '', level = '' }: SELinuxOptions): string {
  const label = `${user}:${role}:${type}:${level}`;
  return label === NO_LABEL ? '' : label;
}

/** A part that is left out is at odds with nothing, except for the level, which no node fills in. */
export function areAtOdds(label: string, other: string): boolean {
  const [a, b] = [partsOf(label), partsOf(other)];
  return a.some((part, index) => {
    const otherPart = b[index] ?? '';
    return part !== otherPart && (index === LEVEL || (part !== '' && otherPart !== ''));
  });
}

const LEVEL = 3;

/** A level has colons of its own. */
function partsOf(label: string): readonly string[] {
  const [user = '', role = '', type = '', ...level] = label.split(':');
  return [user, role, type, level.join(':')];
}
