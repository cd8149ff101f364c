import type { AdmissionPlugin } from './admission.js';
import { defaultIngressClass } from './plugins/default-ingress-class.js';
import { defaultStorageClass } from './plugins/default-storage-class.js';
import { defaultTolerationSeconds } from './plugins/default-toleration-seconds.js';
import { namespaceLifecycle } from './plugins/namespace-lifecycle.js';
import { priority } from './plugins/priority.js';
import { serviceAccountAdmission } from './plugins/service-account.js';
import { taintNodesByCondition } from './plugins/taint-nodes-by-condition.js';

/** In upstream's order (`AllOrderedPlugins`): each sees what those before it made. */
export const admissionPlugins: readonly AdmissionPlugin[] = Object.freeze([
  namespaceLifecycle,
  serviceAccountAdmission,
  taintNodesByCondition,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  defaultIngressClass,
]);
