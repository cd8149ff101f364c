import { pod } from '../../../kinds/pod.js';
import type { Toleration } from '../../../machinery/api/core-v1.js';
import type { Draft } from '../../../machinery/object.js';
import { defineAdmissionPlugin, objectOf } from '../admission.js';

const TOLERATED_SECONDS = 300;
const KEYS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Lets a pod stay for five minutes on a node that is lost, unless it says otherwise itself. */
export const defaultTolerationSeconds = defineAdmissionPlugin({
  name: 'DefaultTolerationSeconds',
  operations: ['CREATE', 'UPDATE'],
  resources: ['pods'],

  admit(attributes) {
    if (attributes.subresource !== undefined) return undefined;
    const { spec } = objectOf(pod, attributes);
    const missing = KEYS.filter((key) => spec.tolerations?.some((each) => covers(each, key)) !== true);
    if (missing.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...missing.map(toleration)];
    return undefined;
  },
});

const covers = ({ key = '', effect = '' }: Draft<Toleration>, taint: string): boolean =>
  (key === '' || key === taint) && (effect === '' || effect === 'NoExecute');

const toleration = (key: string): Draft<Toleration> => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: TOLERATED_SECONDS,
});
