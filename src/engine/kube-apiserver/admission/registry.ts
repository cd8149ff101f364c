import type { AdmissionPlugin } from './admission.js';
import { certificateApproval } from './plugins/certificate-approval.js';
import { certificateSigning } from './plugins/certificate-signing.js';
import { certificateSubjectRestriction } from './plugins/certificate-subject-restriction.js';
import { customResourceTermination } from './plugins/custom-resource-termination.js';
import { defaultIngressClass } from './plugins/default-ingress-class.js';
import { defaultStorageClass } from './plugins/default-storage-class.js';
import { defaultTolerationSeconds } from './plugins/default-toleration-seconds.js';
import { limitRanger } from './plugins/limit-ranger.js';
import { mutatingAdmissionWebhook } from './plugins/mutating-admission-webhook.js';
import { namespaceLifecycle } from './plugins/namespace-lifecycle.js';
import { nodeRestriction } from './plugins/node-restriction.js';
import { persistentVolumeClaimResize } from './plugins/persistent-volume-claim-resize.js';
import { podSecurity } from './plugins/pod-security.js';
import { podTopologyLabels } from './plugins/pod-topology-labels.js';
import { priority } from './plugins/priority.js';
import { rbacEscalation } from './plugins/rbac-escalation.js';
import { resourceQuotaAdmission } from './plugins/resource-quota.js';
import { runtimeClassAdmission } from './plugins/runtime-class.js';
import { serviceAccountAdmission } from './plugins/service-account.js';
import { storageObjectInUseProtection } from './plugins/storage-object-in-use-protection.js';
import { taintNodesByCondition } from './plugins/taint-nodes-by-condition.js';
import { validatingAdmissionPolicy } from './plugins/validating-admission-policy.js';
import { validatingAdmissionWebhook } from './plugins/validating-admission-webhook.js';

/** In upstream's order (`AllOrderedPlugins`): each sees what those before it made. */
export const admissionPlugins: readonly AdmissionPlugin[] = Object.freeze([
  customResourceTermination,
  namespaceLifecycle,
  limitRanger,
  serviceAccountAdmission,
  nodeRestriction,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  runtimeClassAdmission,
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  defaultIngressClass,
  podTopologyLabels,
  mutatingAdmissionWebhook,
  validatingAdmissionPolicy,
  validatingAdmissionWebhook,
  rbacEscalation,
  resourceQuotaAdmission,
]);
