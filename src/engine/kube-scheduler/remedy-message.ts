import { defaultPreemption } from './plugins/default-preemption.js';
import { dynamicResources } from './plugins/dynamic-resources.js';
import type { PreemptionOutcome } from './preemption/preemption.js';
import type { Profile } from './profile.js';
import type { Search } from './scheduling-cycle.js';

/** Upstream's words where the search ended before device claims were looked at: their plugin then has no notes of the pod. */
const NOT_LOOKED_AT = 'not found';

/** Has the others try to make room besides preemption. What all say, in their order; nothing where one found a way. */
export function remedyMessage(
  { everywhere, run }: Search,
  { remedies, filters }: Profile,
  preemption: PreemptionOutcome | undefined,
): { readonly remedy?: string } {
  const isCutShort =
    everywhere !== undefined &&
    filters.indexOf(everywhere.plugin) < filters.findIndex(({ name }) => name === dynamicResources.name);
  const words: string[] = [];
  for (const name of remedies) {
    if (name === dynamicResources.name) {
      if (isCutShort) return { remedy: NOT_LOOKED_AT };
      words.push(dynamicResources.makeRoom?.(run.cycle) ?? '');
    }
    if (name === defaultPreemption.name && preemption?.message !== undefined) {
      words.push(`preemption: ${preemption.message}`);
    }
  }
  return words.length === 0 || preemption?.chosen !== undefined ? {} : { remedy: words.join(', ') };
}
