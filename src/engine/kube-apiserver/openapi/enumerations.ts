import type { TypeSchema } from '../../machinery/schema/schema.js';

/** The types that upstream marks as enumerations, by Go package; of the others nothing is published, whatever constants they have. */
const ENUMERATIONS: Readonly<Record<string, readonly string[]>> = {
  'k8s.io/api/admissionregistration/v1': [
    'FailurePolicyType',
    'MatchPolicyType',
    'OperationType',
    'ReinvocationPolicyType',
    'ScopeType',
    'SideEffectClass',
    'ValidationAction',
  ],
  'k8s.io/api/apps/v1': [
    'DaemonSetUpdateStrategyType',
    'DeploymentStrategyType',
    'PodManagementPolicyType',
    'StatefulSetUpdateStrategyType',
  ],
  'k8s.io/api/batch/v1': [
    'CompletionMode',
    'ConcurrencyPolicy',
    'PodFailurePolicyAction',
    'PodFailurePolicyOnExitCodesOperator',
    'PodReplacementPolicy',
  ],
  'k8s.io/api/certificates/v1': ['KeyUsage'],
  'k8s.io/api/core/v1': [
    'AppArmorProfileType',
    'AzureDataDiskCachingMode',
    'AzureDataDiskKind',
    'ClaimResourceStatus',
    'DNSPolicy',
    'HostPathType',
    'IPFamily',
    'IPFamilyPolicy',
    'MountPropagationMode',
    'NamespacePhase',
    'NodeInclusionPolicy',
    'NodePhase',
    'NodeSelectorOperator',
    'PersistentVolumeAccessMode',
    'PersistentVolumeClaimModifyVolumeStatus',
    'PersistentVolumeClaimPhase',
    'PersistentVolumeMode',
    'PersistentVolumePhase',
    'PersistentVolumeReclaimPolicy',
    'PodFSGroupChangePolicy',
    'PodPhase',
    'PodQOSClass',
    'PreemptionPolicy',
    'ProcMountType',
    'Protocol',
    'PullPolicy',
    'ResourceQuotaScope',
    'RestartPolicy',
    'ScopeSelectorOperator',
    'SeccompProfileType',
    'ServiceAffinity',
    'ServiceExternalTrafficPolicy',
    'ServiceInternalTrafficPolicy',
    'ServiceType',
    'Signal',
    'SupplementalGroupsPolicy',
    'TaintEffect',
    'TerminationMessagePolicy',
    'TolerationOperator',
    'URIScheme',
    'UnsatisfiableConstraintAction',
  ],
  'k8s.io/api/discovery/v1': ['AddressType'],
  'k8s.io/api/networking/v1': ['PathType', 'PolicyType'],
  'k8s.io/api/policy/v1': ['UnhealthyPodEvictionPolicyType'],
  'k8s.io/api/resource/v1': [
    'AllocationConfigSource',
    'DeviceAllocationMode',
    'DeviceTaintEffect',
    'DeviceTolerationOperator',
  ],
  'k8s.io/api/storage/v1': ['VolumeBindingMode'],
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1': ['FieldValueErrorReason'],
};
/** Enumerations whose constants the facts lack. */
const CONSTANTS: Readonly<Record<string, readonly string[]>> = {
  'k8s.io/api/discovery/v1.AddressType': ['FQDN', 'IPv4', 'IPv6'],
  'k8s.io/api/networking/v1.PathType': ['Exact', 'ImplementationSpecific', 'Prefix'],
  'k8s.io/api/resource/v1.DeviceAllocationMode': ['All', 'ExactCount'],
};

const TYPES: ReadonlySet<string> = new Set(
  Object.entries(ENUMERATIONS).flatMap(([goPackage, names]) => names.map((name) => `${goPackage}.${name}`)),
);

/** The values of an enumeration in order of the alphabet; `undefined` for every other type. */
export function enumerationOf(type: TypeSchema): readonly string[] | undefined {
  const { kind, typeName } = type;
  if (kind !== 'string' || typeName === undefined || !TYPES.has(typeName)) return undefined;
  const { values } = type;
  return CONSTANTS[typeName] ?? values.toSorted();
}
