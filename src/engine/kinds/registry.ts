import type { Kind } from '../machinery/kind.js';
import { apiService } from './api-service.js';
import { binding } from './binding.js';
import { certificateSigningRequest } from './certificate-signing-request.js';
import { clusterRole } from './cluster-role.js';
import { clusterRoleBinding } from './cluster-role-binding.js';
import { componentStatus } from './component-status.js';
import { configMap } from './config-map.js';
import { controllerRevision } from './controller-revision.js';
import { cronJob } from './cron-job.js';
import { csiDriver } from './csi-driver.js';
import { csiNode } from './csi-node.js';
import { csiStorageCapacity } from './csi-storage-capacity.js';
import { customResourceDefinition } from './custom-resource-definition.js';
import { daemonSet } from './daemon-set.js';
import { deployment } from './deployment.js';
import { deviceClass } from './device-class.js';
import { endpointSlice } from './endpoint-slice.js';
import { endpoints } from './endpoints.js';
import { event } from './event.js';
import { eventV1 } from './event-v1.js';
import { flowSchema } from './flow-schema.js';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.js';
import { horizontalPodAutoscalerV1 } from './horizontal-pod-autoscaler-v1.js';
import { ingress } from './ingress.js';
import { ingressClass } from './ingress-class.js';
import { ipAddress } from './ip-address.js';
import { job } from './job.js';
import { lease } from './lease.js';
import { limitRange } from './limit-range.js';
import { localSubjectAccessReview } from './local-subject-access-review.js';
import { mutatingWebhookConfiguration } from './mutating-webhook-configuration.js';
import { namespace } from './namespace.js';
import { networkPolicy } from './network-policy.js';
import { node } from './node.js';
import { persistentVolume } from './persistent-volume.js';
import { persistentVolumeClaim } from './persistent-volume-claim.js';
import { pod } from './pod.js';
import { podDisruptionBudget } from './pod-disruption-budget.js';
import { podTemplate } from './pod-template.js';
import { priorityClass } from './priority-class.js';
import { priorityLevelConfiguration } from './priority-level-configuration.js';
import { replicaSet } from './replica-set.js';
import { replicationController } from './replication-controller.js';
import { resourceClaim } from './resource-claim.js';
import { resourceClaimTemplate } from './resource-claim-template.js';
import { resourceQuota } from './resource-quota.js';
import { resourceSlice } from './resource-slice.js';
import { role } from './role.js';
import { roleBinding } from './role-binding.js';
import { runtimeClass } from './runtime-class.js';
import { secret } from './secret.js';
import { selfSubjectAccessReview } from './self-subject-access-review.js';
import { selfSubjectReview } from './self-subject-review.js';
import { selfSubjectRulesReview } from './self-subject-rules-review.js';
import { service } from './service.js';
import { serviceAccount } from './service-account.js';
import { serviceCIDR } from './service-cidr.js';
import { statefulSet } from './stateful-set.js';
import { storageClass } from './storage-class.js';
import { subjectAccessReview } from './subject-access-review.js';
import { tokenReview } from './token-review.js';
import { validatingAdmissionPolicy } from './validating-admission-policy.js';
import { validatingAdmissionPolicyBinding } from './validating-admission-policy-binding.js';
import { validatingWebhookConfiguration } from './validating-webhook-configuration.js';
import { volumeAttachment } from './volume-attachment.js';
import { volumeAttributesClass } from './volume-attributes-class.js';

/** Every built-in kind, in the order of discovery: groups, their versions from the preferred one, resources by name. */
export const kinds: readonly Kind[] = Object.freeze([
  binding,
  componentStatus,
  configMap,
  endpoints,
  event,
  limitRange,
  namespace,
  node,
  persistentVolumeClaim,
  persistentVolume,
  pod,
  podTemplate,
  replicationController,
  resourceQuota,
  secret,
  serviceAccount,
  service,
  apiService,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  eventV1,
  selfSubjectReview,
  tokenReview,
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  horizontalPodAutoscaler,
  horizontalPodAutoscalerV1,
  cronJob,
  job,
  certificateSigningRequest,
  ingressClass,
  ingress,
  ipAddress,
  networkPolicy,
  serviceCIDR,
  podDisruptionBudget,
  clusterRoleBinding,
  clusterRole,
  roleBinding,
  role,
  csiDriver,
  csiNode,
  csiStorageCapacity,
  storageClass,
  volumeAttachment,
  volumeAttributesClass,
  mutatingWebhookConfiguration,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  validatingWebhookConfiguration,
  customResourceDefinition,
  priorityClass,
  lease,
  runtimeClass,
  endpointSlice,
  deviceClass,
  resourceClaim,
  resourceClaimTemplate,
  resourceSlice,
  flowSchema,
  priorityLevelConfiguration,
]);
