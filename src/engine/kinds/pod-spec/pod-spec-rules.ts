import type { PodResourceClaim, PodSpec } from '../../machinery/api/core-v1.js';
import { duplicate, forbidden, invalid, notFound, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123SubdomainFaults, inclusiveRangeMessage } from '../../machinery/names.js';
import { checkAffinity } from './affinity-rules.js';
import {
  checkChoice,
  checkDnsLabel,
  checkLabels,
  checkQualifiedName,
  ID_MAX,
  isEmpty,
  reportFaults,
} from './checks.js';
import { checkContainers, checkEphemeralContainers, checkInitContainers } from './container-rules.js';
import { internalForm } from './internal-form.js';
import { checkDnsConfig, checkHostAliases, checkHostnameOverride, checkHostNetworkPorts } from './network-rules.js';
import type { Leniency, PodScope } from './pod-scope.js';
import { visitContainers } from './pod-scope.js';
import { checkOverhead, checkPodResources } from './resource-rules.js';
import { checkSchedulingGates, checkTolerations, checkTopologySpread } from './scheduling-rules.js';
import { checkHostUsers, checkPodSecurityContext } from './security-context-rules.js';
import { checkVolumes } from './volume-rules.js';
import { checkHostProcess, checkOperatingSystem } from './windows-rules.js';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];
const DEADLINE_RANGE = inclusiveRangeMessage(1, ID_MAX);
const NO_NAMES: ReadonlySet<string> = new Set();

interface PodSpecContext {
  readonly isPod: boolean;
  readonly podName?: string | undefined;
  readonly isMirrorPod?: boolean;
  readonly leniency: Leniency;
}

/** All rules of a pod spec, in upstream's order (`ValidatePodSpec`). `path` ends without a dot: `spec.template.spec`. */
export function checkPodSpec(report: Report, path: string, spec: PodSpec, context: PodSpecContext): void {
  const { isPod, podName, isMirrorPod = false, leniency } = context;
  if (spec.terminationGracePeriodSeconds === undefined) report(required(`${path}.terminationGracePeriodSeconds`));
  const volumes = checkVolumes({ report, isPod, podName }, `${path}.volumes`, spec);
  const claimNames = checkResourceClaims(report, `${path}.resourceClaims`, spec, isMirrorPod);
  const scope: PodScope = { report, spec, volumes, claimNames };
  checkContainers(scope, `${path}.containers`);
  if (spec.initContainers !== undefined) checkInitContainers(scope, `${path}.initContainers`);
  if (spec.ephemeralContainers !== undefined) checkEphemeralContainers(scope, `${path}.ephemeralContainers`);
  if (spec.resources !== undefined) checkPodResources(report, `${path}.resources`, spec, claimNames);
  checkHostNetworkPorts(report, path, spec, isPod);
  checkChoice(report, `${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES);
  checkChoice(report, `${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES);
  checkLabels(report, `${path}.nodeSelector`, spec.nodeSelector);
  checkPodSecurityContext(report, `${path}.securityContext`, spec);
  if (spec.affinity !== undefined) checkAffinity(report, `${path}.affinity`, spec.affinity, leniency);
  checkDnsConfig(report, `${path}.dnsConfig`, spec);
  for (const [index, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    checkQualifiedName(report, `${path}.readinessGates[${index}].conditionType`, conditionType);
  }
  if (spec.schedulingGates !== undefined) checkSchedulingGates(report, `${path}.schedulingGates`, spec.schedulingGates);
  if (spec.topologySpreadConstraints !== undefined) {
    checkTopologySpread(report, `${path}.topologySpreadConstraints`, spec.topologySpreadConstraints);
  }
  checkHostProcess(report, path, spec);
  checkHostUsers(report, path, spec);
  checkHostnameOverride(report, `${path}.hostnameOverride`, spec);
  checkNames(report, path, spec);
  checkOperatingSystem(report, path, spec);
  checkFileKeyVolumes(report, path, spec);
}

function checkNames(report: Report, path: string, spec: PodSpec): void {
  checkName(report, `${path}.serviceAccountName`, spec.serviceAccountName);
  checkName(report, `${path}.nodeName`, spec.nodeName);
  const { activeDeadlineSeconds: deadline, hostname, subdomain, tolerations, hostAliases, overhead } = spec;
  if (deadline !== undefined && (deadline < 1 || deadline > ID_MAX)) {
    report(invalid(`${path}.activeDeadlineSeconds`, deadline, DEADLINE_RANGE));
  }
  if (!isEmpty(hostname)) checkDnsLabel(report, `${path}.hostname`, hostname);
  if (!isEmpty(subdomain)) checkDnsLabel(report, `${path}.subdomain`, subdomain);
  if (tolerations !== undefined) checkTolerations(report, `${path}.tolerations`, tolerations);
  if (hostAliases !== undefined) checkHostAliases(report, `${path}.hostAliases`, hostAliases);
  checkName(report, `${path}.priorityClassName`, spec.priorityClassName);
  if (spec.runtimeClassName !== undefined) {
    const faults = dns1123SubdomainFaults(spec.runtimeClassName);
    reportFaults(report, `${path}.runtimeClassName`, spec.runtimeClassName, faults);
  }
  if (spec.preemptionPolicy !== undefined) {
    checkChoice(report, `${path}.preemptionPolicy`, spec.preemptionPolicy, PREEMPTION_POLICIES);
  }
  if (overhead !== undefined) checkOverhead(report, `${path}.overhead`, overhead);
}

function checkName(report: Report, path: string, name: string | undefined): void {
  if (!isEmpty(name)) reportFaults(report, path, name, dns1123SubdomainFaults(name));
}

/** The names that containers may refer to. */
function checkResourceClaims(
  report: Report,
  path: string,
  { resourceClaims }: PodSpec,
  isMirrorPod: boolean,
): ReadonlySet<string> {
  if (resourceClaims === undefined || resourceClaims.length === 0) return NO_NAMES;
  const seen = new Set<string>();
  for (const [index, claim] of resourceClaims.entries()) {
    if (isMirrorPod) report(forbidden('', 'static pods do not support resource claims'));
    else checkResourceClaim(report, `${path}[${index}]`, claim, seen);
  }
  return new Set(resourceClaims.map(({ name }) => name).filter((name) => name !== ''));
}

function checkResourceClaim(report: Report, path: string, claim: PodResourceClaim, seen: Set<string>): void {
  const { name, resourceClaimName, resourceClaimTemplateName } = claim;
  if (name === '') report(required(`${path}.name`));
  else if (seen.has(name)) report(duplicate(`${path}.name`, name));
  else {
    checkDnsLabel(report, `${path}.name`, name);
    seen.add(name);
  }
  const value = (): unknown => internalForm('PodResourceClaim', claim);
  if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
    const detail = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
    report(invalid(path, value(), detail));
  }
  if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
    report(invalid(path, value(), 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
  }
  if (resourceClaimName !== undefined) {
    const faults = dns1123SubdomainFaults(resourceClaimName);
    reportFaults(report, `${path}.resourceClaimName`, resourceClaimName, faults);
  }
  if (resourceClaimTemplateName !== undefined) {
    const faults = dns1123SubdomainFaults(resourceClaimTemplateName);
    reportFaults(report, `${path}.resourceClaimTemplateName`, resourceClaimTemplateName, faults);
  }
}

/** Environment from a file needs a volume that the kubelet can read: an emptyDir. */
function checkFileKeyVolumes(report: Report, path: string, spec: PodSpec): void {
  visitContainers(spec, `${path}.`, ({ env }, at) => {
    for (const [index, { valueFrom }] of (env ?? []).entries()) {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) continue;
      const volume = spec.volumes?.find((each) => each.name === name);
      const field = `${at}.env[${index}].valueFrom.fileKeyRef.volumeName`;
      if (volume === undefined) report(notFound(field, name));
      else if (volume.emptyDir === undefined) {
        report(invalid(field, name, 'referenced volume must be of type emptyDir'));
      }
    }
  });
}
