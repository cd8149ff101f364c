import { defaultPreemption } from './plugins/default-preemption.js';
import { dynamicResources } from './plugins/dynamic-resources.js';
import type { PreemptionOutcome } from './preemption/preemption.js';
import type { Profile } from './profile.js';
import type { Search } from './scheduling-cycle.js';

/** Upstream's words for notes that are not there. */
const NOT_LOOKED_AT = 'not found';

/** What came of trying to make room for a pod that no node takes. */
export interface RoomMade {
  readonly preemption?: PreemptionOutcome;
  /** What all say that tried, in their order; absent where one found a way. */
  readonly remedy?: string;
}

/** Asks the profile's remedies, one after another, until one finds a way. */
export function makeRoom(search: Search, profile: Profile, preempt: () => PreemptionOutcome): RoomMade {
  if (search.nodeCount === 0) return {};
  const words: string[] = [];
  let preemption: PreemptionOutcome | undefined;
  for (const name of profile.remedies) {
    if (name === dynamicResources.name) {
      if (lacksDeviceNotes(search, profile)) return { remedy: NOT_LOOKED_AT };
      words.push(dynamicResources.makeRoom?.(search.run.cycle) ?? '');
    }
    if (name === defaultPreemption.name) {
      preemption = preempt();
      if (preemption.chosen !== undefined) return { preemption };
      words.push(`preemption: ${preemption.message ?? ''}`);
    }
  }
  return {
    ...(preemption === undefined ? {} : { preemption }),
    ...(words.length === 0 ? {} : { remedy: words.join(', ') }),
  };
}

/**
 * Whether the search ended before device claims were looked at: their plugin then fails for lack of its notes, and
 * upstream asks nobody after it.
 */
const lacksDeviceNotes = ({ everywhere }: Search, { filters }: Profile): boolean =>
  everywhere !== undefined &&
  filters.indexOf(everywhere.plugin) < filters.findIndex(({ name }) => name === dynamicResources.name);
