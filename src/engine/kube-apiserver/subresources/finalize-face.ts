import type { Namespace } from '../../machinery/api/core-v1.js';
import type { Kind } from '../../machinery/kind.js';
import { validateFinalizerName } from '../strategy/object-metadata.js';
import { mainRules, setField } from '../strategy/update-rules.js';
import type { Face } from './face.js';
import { wholeFace } from './object-face.js';

/** The finalizers in a namespace's spec: the last one gone from a terminating namespace is its end. */
export function finalizeFace(kind: Kind): Face {
  const rules = mainRules(kind);
  return wholeFace(kind, {
    ...rules,
    createsOnUpdate: false,
    prepare(draft, old) {
      setField(draft, 'status', (old as Namespace).status);
    },
    validate(object, _old, report) {
      (object as Namespace).spec?.finalizers?.forEach((finalizer, index) =>
        validateFinalizerName(finalizer, `spec.finalizers[${index}]`, report),
      );
    },
  });
}
