import type { Controller } from '../controller.js';
import { bootstrapSigner } from './bootstrap-signer.js';
import { attachDetachController } from './attach-detach-controller.js';
import { certificateApprovingController } from './certificate-approving-controller.js';
import { certificateCleaner } from './certificate-cleaner.js';
import { certificateSigningController } from './certificate-signing-controller.js';
import { clusterRoleAggregationController } from './cluster-role-aggregation-controller.js';
import { csiModifierController } from './csi-modifier-controller.js';
import { csiProvisionerController } from './csi-provisioner-controller.js';
import { csiResizerController } from './csi-resizer-controller.js';
import { cronJobController } from './cron-job-controller.js';
import { daemonSetController } from './daemon-set-controller.js';
import { deploymentController } from './deployment-controller.js';
import { disruptionController } from './disruption-controller.js';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring-controller.js';
import { endpointSliceController } from './endpoint-slice-controller.js';
import { endpointsController } from './endpoints-controller.js';
import { ephemeralVolumeController } from './ephemeral-volume-controller.js';
import { finishedPodCollector } from './finished-pod-collector.js';
import { garbageCollector } from './garbage-collector.js';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler-controller.js';
import { jobController } from './job-controller.js';
import { jobOrphanController } from './job-orphan-controller.js';
import { legacyTokenCleaner } from './legacy-token-cleaner.js';
import { namespaceController } from './namespace-controller.js';
import { nodeIpamController } from './node-ipam-controller.js';
import { nodeLifecycleController } from './node-lifecycle-controller.js';
import { persistentVolumeBinder } from './persistent-volume-binder.js';
import { podGarbageCollector } from './pod-garbage-collector.js';
import { pvProtectionController } from './pv-protection-controller.js';
import { pvcProtectionController } from './pvc-protection-controller.js';
import { replicaSetController } from './replica-set-controller.js';
import { replicationController } from './replication-controller.js';
import { resourceClaimController } from './resource-claim-controller.js';
import { resourceQuotaController } from './resource-quota-controller.js';
import { rootCaCertPublisher } from './root-ca-cert-publisher.js';
import { selinuxWarningController } from './selinux-warning-controller.js';
import { serviceAccountController } from './service-account-controller.js';
import { serviceCidrController } from './service-cidr-controller.js';
import { staleDisruptionController } from './stale-disruption-controller.js';
import { statefulSetController } from './stateful-set-controller.js';
import { taintEvictionController } from './taint-eviction-controller.js';
import { tokenCleaner } from './token-cleaner.js';
import { tokensController } from './tokens-controller.js';
import { ttlController } from './ttl-controller.js';
import { ttlAfterFinishedController } from './ttl-after-finished-controller.js';
import { vacProtectionController } from './vac-protection-controller.js';
import { volumeExpandController } from './volume-expand-controller.js';
import { validatingAdmissionPolicyStatusController } from './validating-admission-policy-status-controller.js';

/** All controllers, in the order in which they start and hear of a change. */
export const controllers: readonly Controller[] = Object.freeze([
  serviceAccountController,
  rootCaCertPublisher,
  tokensController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  podGarbageCollector,
  finishedPodCollector,
  namespaceController,
  garbageCollector,
  deploymentController,
  replicaSetController,
  replicationController,
  statefulSetController,
  daemonSetController,
  jobController,
  jobOrphanController,
  cronJobController,
  horizontalPodAutoscalerController,
  disruptionController,
  resourceQuotaController,
  serviceCidrController,
  persistentVolumeBinder,
  volumeExpandController,
  csiProvisionerController,
  csiResizerController,
  csiModifierController,
  attachDetachController,
  ephemeralVolumeController,
  resourceClaimController,
  staleDisruptionController,
  ttlAfterFinishedController,
  nodeIpamController,
  ttlController,
  nodeLifecycleController,
  taintEvictionController,
  clusterRoleAggregationController,
  certificateApprovingController,
  certificateSigningController,
  certificateCleaner,
  bootstrapSigner,
  tokenCleaner,
  legacyTokenCleaner,
  pvcProtectionController,
  pvProtectionController,
  vacProtectionController,
  validatingAdmissionPolicyStatusController,
  selinuxWarningController,
]);
