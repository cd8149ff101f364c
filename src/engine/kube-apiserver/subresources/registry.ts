import type { Kind } from '../../machinery/kind.js';
import type { SubresourceAction } from './action.js';
import { binding } from './binding.js';
import { eviction } from './eviction.js';
import { token } from './token.js';

/** What a POST to a subresource does. A subresource that is no face, no stream and not here is not served yet. */
export const actions: readonly SubresourceAction[] = Object.freeze([binding, eviction, token]);

export function actionOf({ group, plural }: Kind, subresource: string): SubresourceAction | undefined {
  const resource = group === '' ? `${plural}/${subresource}` : `${group}/${plural}/${subresource}`;
  return actions.find((each) => each.resource === resource);
}
