import { node } from '../../../kinds/node.js';
import { defineAdmissionPlugin, objectOf } from '../admission.js';

const NOT_READY = 'node.kubernetes.io/not-ready';

/** A new node takes no pods until the node life-cycle controller has seen it ready. */
export const taintNodesByCondition = defineAdmissionPlugin({
  name: 'TaintNodesByCondition',
  operations: ['CREATE'],
  resources: ['nodes'],

  admit(attributes) {
    if (attributes.subresource !== undefined) return undefined;
    const draft = objectOf(node, attributes);
    const spec = (draft.spec ??= {});
    const isTainted = spec.taints?.some(({ key, effect }) => key === NOT_READY && effect === 'NoSchedule') === true;
    if (!isTainted) spec.taints = [...(spec.taints ?? []), { key: NOT_READY, effect: 'NoSchedule' }];
    return undefined;
  },
});
