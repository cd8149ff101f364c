import { splitKey } from '../../machinery/object.js';
import { areAtOdds } from './pod-labels.js';

/** What a pod wants of a volume that it mounts. */
export interface VolumeUse {
  readonly volume: string;
  /** The CSI driver of the volume, where it has one. */
  readonly driver: string | undefined;
  readonly label: string;
  readonly policy: string;
}

/** Something that one of two pods with the same volume is to be told. */
export interface Conflict {
  readonly podKey: string;
  readonly reason: 'SELinuxChangePolicyConflict' | 'SELinuxLabelConflict';
  readonly message: string;
}

/** Which pods use which volumes, and how. */
export class VolumeUses {
  readonly #pods = new Map<string, Map<string, VolumeUse>>();
  readonly #volumes = new Map<string, Map<string, VolumeUse>>();

  /** Notes the use; answers what it is at odds with. */
  add(podKey: string, use: VolumeUse): readonly Conflict[] {
    const users = this.#volumes.get(use.volume) ?? new Map<string, VolumeUse>();
    users.set(podKey, use);
    this.#volumes.set(use.volume, users);
    const uses = this.#pods.get(podKey) ?? new Map<string, VolumeUse>();
    uses.set(use.volume, use);
    this.#pods.set(podKey, uses);
    const conflicts: Conflict[] = [];
    for (const [otherKey, other] of users) {
      if (other.policy !== use.policy) {
        const values = [use.policy, other.policy] as const;
        conflicts.push(...told('SELinuxChangePolicy', [podKey, otherKey], values));
      }
      if (areAtOdds(other.label, use.label)) {
        conflicts.push(...told('SELinuxLabel', [podKey, otherKey], [use.label, other.label]));
      }
    }
    return conflicts;
  }

  remove(podKey: string): void {
    for (const volume of this.#pods.get(podKey)?.keys() ?? []) {
      const users = this.#volumes.get(volume);
      users?.delete(podKey);
      if (users?.size === 0) this.#volumes.delete(volume);
    }
    this.#pods.delete(podKey);
  }

  podsOfDriver(driver: string): readonly string[] {
    return Array.from(this.#pods)
      .filter(([, uses]) => Array.from(uses.values()).some((use) => use.driver === driver))
      .map(([podKey]) => podKey);
  }
}

type Pair = readonly [string, string];

/** Both pods are told; of a pod in another namespace neither its name nor what it wants. */
function told(property: 'SELinuxChangePolicy' | 'SELinuxLabel', [one, two]: Pair, [a, b]: Pair): readonly Conflict[] {
  const consequence = 'If both pods land on the same node, only one of them may access the volume.';
  const message = (mine: string, theirs: string, value: string, otherValue: string): string => {
    const other = splitKey(theirs);
    if (splitKey(mine).namespace === other.namespace) {
      return `${property} "${value}" conflicts with pod ${other.name} that uses the same volume as this pod with ${property} "${otherValue}". ${consequence}`;
    }
    return `${property}"${value}" conflicts with another pod that uses the same volume as this pod with a different ${property}. ${consequence}`;
  };
  const reason = `${property}Conflict` as const;
  return [
    { podKey: one, reason, message: message(one, two, a, b) },
    { podKey: two, reason, message: message(two, one, b, a) },
  ];
}
