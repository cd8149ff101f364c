import type { Pod } from '../../machinery/api/core-v1.js';
import type { Kind, Report } from '../../machinery/kind.js';
import type { Draft } from '../../machinery/object.js';
import { deepEqual } from '../../machinery/equality.js';
import { mainRules } from '../strategy/update-rules.js';
import type { Face } from './face.js';
import { wholeFace } from './object-face.js';

export interface PodSpecRules {
  /** Restores all of the pod that this subresource may not change. */
  prepare(draft: Draft<Pod>, old: Pod): void;
  validate(object: Pod, old: Pod, report: Report): void;
}

/** A pod through a subresource that changes one part of its spec. */
export function podSpecFace(kind: Kind, { prepare, validate }: PodSpecRules): Face {
  return wholeFace(kind, {
    ...mainRules(kind),
    allocates: false,
    createsOnUpdate: false,
    warnings: () => [],
    prepare(draft, old) {
      const [changed, pod] = [draft as Draft<Pod>, old as Pod];
      prepare(changed, pod);
      if (!deepEqual(changed.spec, pod.spec)) changed.metadata.generation = (pod.metadata.generation ?? 0) + 1;
    },
    validate: (object, old, report) => validate(object as Pod, old as Pod, report),
  });
}
