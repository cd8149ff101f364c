import type { Container, Pod } from '../../machinery/api/core-v1.js';
import { forbidden } from '../../machinery/field-error.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { sameValue } from '../strategy/same-value.js';
import { mainRules, setField } from '../strategy/update-rules.js';
import type { Face } from './face.js';
import { wholeFace } from './object-face.js';

/** The resources of a pod's containers, which a running pod may be given more or less of. */
export function resizeFace(kind: Kind): Face {
  const rules = mainRules(kind);
  return wholeFace(kind, {
    ...rules,
    allocates: false,
    createsOnUpdate: false,
    prepare(draft, old) {
      const { spec, metadata, status } = old as Pod;
      const given = (draft as KubeObject as Pod).spec;
      const resized = {
        ...spec,
        containers: resizedContainers(spec.containers, given.containers),
        ...(spec.initContainers === undefined
          ? {}
          : { initContainers: resizedContainers(spec.initContainers, given.initContainers ?? []) }),
      };
      setField(draft, 'spec', resized);
      setField(draft, 'status', status);
      for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
        setField(draft.metadata, field, metadata[field]);
      }
      if (!sameValue(resized, spec)) draft.metadata.generation = (metadata.generation ?? 0) + 1;
    },
    validate(object, old, report) {
      if (old.metadata.deletionTimestamp !== undefined) {
        report(forbidden('metadata.deletionTimestamp', 'pods that are being deleted cannot be resized'));
      }
      rules.validate(object, old, report);
    },
  });
}

const resizedContainers = (current: readonly Container[], given: readonly Container[]): readonly Container[] =>
  current.map((container) => {
    const wanted = given.find(({ name }) => name === container.name);
    if (wanted === undefined) return container;
    const { resources: _old, resizePolicy: _policy, ...rest } = container;
    return {
      ...rest,
      ...(wanted.resources === undefined ? {} : { resources: wanted.resources }),
      ...(wanted.resizePolicy === undefined ? {} : { resizePolicy: wanted.resizePolicy }),
    };
  });
