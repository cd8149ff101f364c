import type { Kind } from '../../machinery/kind.js';

/** How often a kind's own rules look at the metadata of a changed object, besides what is asked of all kinds alike. */
export interface MetadataChecks {
  /** As at a change. */
  readonly changed: number;
  /** As at a new object. */
  readonly whole: number;
}

const CHANGED: MetadataChecks = Object.freeze({ changed: 1, whole: 0 });
const WHOLE: MetadataChecks = Object.freeze({ changed: 0, whole: 1 });
const BOTH: MetadataChecks = Object.freeze({ changed: 1, whole: 1 });
const TWICE_WHOLE: MetadataChecks = Object.freeze({ changed: 0, whole: 2 });
const NEVER: MetadataChecks = Object.freeze({ changed: 0, whole: 0 });

/** What a real server was seen to do where it does not look at the change once, by resource and subresource. */
const EXCEPTIONS: Readonly<Record<string, MetadataChecks>> = {
  configmaps: BOTH,
  endpoints: BOTH,
  events: NEVER,
  limitranges: WHOLE,
  namespaces: BOTH,
  nodes: BOTH,
  persistentvolumeclaims: BOTH,
  persistentvolumes: TWICE_WHOLE,
  pods: BOTH,
  secrets: BOTH,
  serviceaccounts: BOTH,
  'apiservices.apiregistration.k8s.io': BOTH,
  'certificatesigningrequests.certificates.k8s.io': BOTH,
  'certificatesigningrequests.certificates.k8s.io/status': BOTH,
  'clusterrolebindings.rbac.authorization.k8s.io': BOTH,
  'clusterroles.rbac.authorization.k8s.io': BOTH,
  'controllerrevisions.apps': BOTH,
  'cronjobs.batch/status': NEVER,
  'csinodes.storage.k8s.io': TWICE_WHOLE,
  'csistoragecapacities.storage.k8s.io': BOTH,
  'deviceclasses.resource.k8s.io': BOTH,
  'endpointslices.discovery.k8s.io': WHOLE,
  'flowschemas.flowcontrol.apiserver.k8s.io': WHOLE,
  'flowschemas.flowcontrol.apiserver.k8s.io/status': NEVER,
  'ingressclasses.networking.k8s.io': BOTH,
  'ingresses.networking.k8s.io': BOTH,
  'ipaddresses.networking.k8s.io': BOTH,
  'jobs.batch': BOTH,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': WHOLE,
  'networkpolicies.networking.k8s.io': BOTH,
  'poddisruptionbudgets.policy': NEVER,
  'poddisruptionbudgets.policy/status': NEVER,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': WHOLE,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/status': NEVER,
  'resourceclaims.resource.k8s.io': BOTH,
  'resourceclaimtemplates.resource.k8s.io': BOTH,
  'rolebindings.rbac.authorization.k8s.io': BOTH,
  'roles.rbac.authorization.k8s.io': BOTH,
  'runtimeclasses.node.k8s.io': BOTH,
  'storageclasses.storage.k8s.io': BOTH,
  'validatingadmissionpolicies.admissionregistration.k8s.io': WHOLE,
  'validatingadmissionpolicies.admissionregistration.k8s.io/status': NEVER,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': WHOLE,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': WHOLE,
  'volumeattachments.storage.k8s.io': WHOLE,
  'volumeattachments.storage.k8s.io/status': NEVER,
  'volumeattributesclasses.storage.k8s.io': BOTH,
};

export function metadataChecksOf({ group, plural, custom }: Kind, subresource: string): MetadataChecks {
  if (custom !== undefined) return CHANGED;
  const resource = group === '' ? plural : `${plural}.${group}`;
  const name = subresource === '' ? resource : `${resource}/${subresource}`;
  return (Object.hasOwn(EXCEPTIONS, name) ? EXCEPTIONS[name] : undefined) ?? CHANGED;
}
