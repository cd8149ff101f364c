import { assert } from '../../kernel/assert.js';
import type { Scale } from '../../machinery/api/autoscaling-v1.js';
import { invalid as invalidField } from '../../machinery/field-error.js';
import { ageColumn } from '../../kinds/shared/columns.js';
import type { Column, Kind } from '../../machinery/kind.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { goQuote } from '../../machinery/go-text.js';
import { badRequest, internalError, invalid } from '../../machinery/status-error.js';
import { deepClone } from '../../machinery/structure.js';
import { mainRules, setField } from '../strategy/update-rules.js';
import type { Face } from './face.js';
import { structOf } from './object-face.js';

/** How upstream marks a count that an object does not have. */
const UNSET_REPLICAS = -(2 ** 31);

const scaleOf = (object: KubeObject): Scale => object as Scale;
const COLUMNS: readonly Column<KubeObject>[] = [
  { name: 'Name', type: 'string', value: ({ metadata }) => metadata.name },
  { name: 'Desired', type: 'integer', value: (object) => scaleOf(object).spec?.replicas ?? 0 },
  { name: 'Available', type: 'integer', value: (object) => scaleOf(object).status?.replicas ?? 0 },
  ageColumn,
];

/** The object as an `autoscaling/v1` Scale: its replica count alone can be changed. */
export function scaleFace(kind: Kind): Face {
  const { scale, custom } = kind;
  assert(scale !== undefined, `${kind.kind} has no scale`);
  const path = custom?.scale?.specReplicasPath;
  const lacksReplicas = (object: KubeObject): boolean => scale.isSet?.(object) === false;
  return {
    body: { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: structOf('k8s.io/api/autoscaling/v1.Scale') },
    rules: mainRules(kind),
    isObject: false,
    columns: COLUMNS,

    checkShown(object) {
      if (lacksReplicas(object)) throw internalError(`the spec replicas field ${goQuote(path ?? '')} does not exist`);
    },

    show({ metadata, ...rest }) {
      const object = { ...rest, metadata } as KubeObject;
      const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
      const replicas = lacksReplicas(object) ? UNSET_REPLICAS : scale.replicas(object);
      const selector = scale.selector(object);
      const shown: Scale = {
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: {
          name,
          ...(namespace === undefined ? {} : { namespace }),
          ...(uid === undefined ? {} : { uid }),
          ...(resourceVersion === undefined ? {} : { resourceVersion }),
          ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
        },
        spec: replicas === 0 ? {} : { replicas },
        status: { replicas: scale.statusReplicas(object), ...(selector === '' ? {} : { selector }) },
      };
      return shown;
    },

    apply(body, old) {
      assert(old !== undefined, 'a scale of nothing');
      const { metadata, spec } = body as Draft<Scale>;
      const replicas = spec?.replicas ?? 0;
      if (replicas === UNSET_REPLICAS) {
        throw badRequest(`the spec replicas field ${goQuote(path ?? '')} cannot be empty`);
      }
      // What a definition says of its own scale is checked with the whole object.
      if (replicas < 0 && custom === undefined) {
        const fault = invalidField('spec.replicas', replicas, 'must be greater than or equal to 0');
        throw invalid({ group: 'autoscaling', kind: 'Scale' }, old.metadata.name, [fault]);
      }
      const draft = deepClone(scale.withReplicas(old, replicas)) as Draft<KubeObject>;
      const { resourceVersion = '' } = metadata;
      // Upstream begins with the stored custom resource, and so with its version.
      if (custom === undefined || resourceVersion !== '') setField(draft.metadata, 'resourceVersion', resourceVersion);
      return draft;
    },
  };
}
