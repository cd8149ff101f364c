import type { Kind } from '../machinery/kind.js';

/** The kinds whose objects lead a life of their own: listed, watched, deletable, and not another kind's second form. */
export const ownObjects = (kinds: readonly Kind[]): readonly Kind[] =>
  kinds.filter(
    ({ storedAs, isVirtual, verbs }) =>
      storedAs === undefined &&
      isVirtual !== true &&
      verbs.includes('delete') &&
      verbs.includes('list') &&
      verbs.includes('watch'),
  );
