import type { Pod } from '../../machinery/api/core-v1.js';
import { forbidden } from '../../machinery/field-error.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { sameValue } from '../strategy/same-value.js';
import { mainRules, setField } from '../strategy/update-rules.js';
import type { Face } from './face.js';
import { wholeFace } from './object-face.js';

/** A pod's ephemeral containers: they may be added, and neither changed nor removed. */
export function ephemeralContainersFace(kind: Kind): Face {
  const rules = mainRules(kind);
  return wholeFace(kind, {
    ...rules,
    allocates: false,
    createsOnUpdate: false,
    prepare(draft, old) {
      const given = (draft as KubeObject as Pod).spec.ephemeralContainers;
      const { spec, metadata } = old as Pod;
      const { ephemeralContainers: current, ...rest } = spec;
      setField(draft, 'status', (old as Pod).status);
      setField(draft, 'spec', given === undefined ? rest : { ...rest, ephemeralContainers: given });
      for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
        setField(draft.metadata, field, metadata[field]);
      }
      if (!sameValue(given ?? [], current ?? [])) draft.metadata.generation = (metadata.generation ?? 0) + 1;
    },
    validate(object, old, report) {
      const given = (object as Pod).spec.ephemeralContainers ?? [];
      (old as Pod).spec.ephemeralContainers?.forEach((existing, index) => {
        const kept = given.find(({ name }) => name === existing.name);
        const field = `spec.ephemeralContainers[${index}]`;
        if (kept === undefined) {
          report(forbidden(field, `existing ephemeral containers "${existing.name}" may not be removed\n`));
        } else if (!sameValue(kept, existing)) {
          report(forbidden(field, `existing ephemeral containers "${existing.name}" may not be changed\n`));
        }
      });
    },
  });
}
