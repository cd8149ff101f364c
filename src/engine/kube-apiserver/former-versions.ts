/** Versions that upstream's server still decodes, though it serves them no more, or not unless told to. */
const FORMER_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  apps: ['v1beta1', 'v1beta2'],
  extensions: ['v1beta1'],
  batch: ['v1beta1'],
  autoscaling: ['v1', 'v2', 'v2beta1', 'v2beta2'],
  policy: ['v1beta1'],
  'networking.k8s.io': ['v1beta1'],
  'rbac.authorization.k8s.io': ['v1beta1', 'v1alpha1'],
  'storage.k8s.io': ['v1beta1', 'v1alpha1'],
  'scheduling.k8s.io': ['v1beta1', 'v1alpha1'],
  'coordination.k8s.io': ['v1beta1', 'v1alpha2'],
  'certificates.k8s.io': ['v1beta1', 'v1alpha1'],
  'admissionregistration.k8s.io': ['v1beta1', 'v1alpha1'],
  'discovery.k8s.io': ['v1beta1'],
  'events.k8s.io': ['v1', 'v1beta1'],
  'node.k8s.io': ['v1beta1', 'v1alpha1'],
  'authentication.k8s.io': ['v1beta1', 'v1alpha1'],
  'authorization.k8s.io': ['v1beta1'],
  'flowcontrol.apiserver.k8s.io': ['v1beta1', 'v1beta2', 'v1beta3'],
  'resource.k8s.io': ['v1beta1', 'v1beta2', 'v1alpha3'],
};
/** The kinds of the group `extensions` that moved elsewhere. */
const FORMER_EXTENSIONS = ['Deployment', 'DaemonSet', 'ReplicaSet', 'Ingress', 'NetworkPolicy', 'Scale'];

/** Whether a body of this type is known to upstream under another version than the one that is served. */
export function isServedElsewhere(group: string, version: string, kind: string): boolean {
  if (FORMER_VERSIONS[group]?.includes(version) !== true) return false;
  return group !== 'extensions' || FORMER_EXTENSIONS.includes(kind);
}
