import { defaultPreemption } from './plugins/default-preemption.js';
import { dynamicResources } from './plugins/dynamic-resources.js';
import type { PreemptionOutcome } from './preemption/preemption.js';
import type { Profile } from './profile.js';
import type { Search } from './scheduling-cycle.js';

/** Upstream's words where the search ended before device claims were looked at: their plugin then has no notes of the pod. */
const NOT_LOOKED_AT = 'not found';
const NO_CLAIMS = 'no new claims to deallocate';

/** What those say who tried to make room, in their order; nothing where one of them found a way. */
export function remedyMessage(
  { everywhere }: Search,
  { remedies, filters }: Profile,
  preemption: PreemptionOutcome | undefined,
): { readonly remedy?: string } {
  if (preemption?.chosen !== undefined) return {};
  const isCutShort =
    everywhere !== undefined &&
    filters.indexOf(everywhere.plugin) < filters.findIndex(({ name }) => name === dynamicResources.name);
  const words: string[] = [];
  for (const name of remedies) {
    if (name === dynamicResources.name) {
      if (isCutShort) return { remedy: NOT_LOOKED_AT };
      words.push(NO_CLAIMS);
    }
    if (name === defaultPreemption.name && preemption?.message !== undefined) {
      words.push(`preemption: ${preemption.message}`);
    }
  }
  return words.length === 0 ? {} : { remedy: words.join(', ') };
}
