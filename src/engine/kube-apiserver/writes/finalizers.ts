import type { Kind } from '../../machinery/kind.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import type { DeleteOptions } from './delete-options.js';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
const NONE: readonly string[] = Object.freeze([]);

/** The finalizers of an object that is about to be deleted: the garbage collector's own are put in or taken out. */
export function finalizersForDeletion(kind: Kind, metadata: ObjectMeta, options: DeleteOptions): readonly string[] {
  const current = metadata.finalizers ?? NONE;
  const wanted = policyFinalizer(kind, current, options);
  const present = current.filter((each) => each === ORPHAN || each === FOREGROUND);
  if (present.length === (wanted === undefined ? 0 : 1) && (wanted === undefined || present[0] === wanted))
    return current;
  const others = current.filter((each) => each !== ORPHAN && each !== FOREGROUND);
  return wanted === undefined ? others : [...others, wanted];
}

/** In order of weight: the request, the finalizers that are there, the kind's default. Events have no dependents. */
function policyFinalizer(kind: Kind, current: readonly string[], options: DeleteOptions): string | undefined {
  if (kind.storagePrefix === 'events') return undefined;
  if (options.orphanDependents !== undefined) return options.orphanDependents ? ORPHAN : undefined;
  if (options.propagationPolicy === 'Orphan') return ORPHAN;
  if (options.propagationPolicy === 'Foreground') return FOREGROUND;
  if (options.propagationPolicy === 'Background') return undefined;
  const present = current.find((each) => each === ORPHAN || each === FOREGROUND);
  return present ?? (kind.defaultPropagation === 'Orphan' ? ORPHAN : undefined);
}
