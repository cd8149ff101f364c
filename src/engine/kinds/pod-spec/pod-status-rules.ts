import type { Container, ContainerStatus, Pod, PodCondition, PodSpec, PodStatus } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { duplicate, forbidden, invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123SubdomainFaults } from '../../machinery/names.js';
import type { Draft } from '../../machinery/object.js';
import { checkAnnotationUpdates } from './annotation-rules.js';
import { checkId, checkQualifiedName, isEmpty, reportFaults } from './checks.js';
import { checkAddress, parseAddress } from './ip-address.js';

const SYSTEM_CONDITIONS: readonly string[] = ['PodScheduled', 'Ready', 'Initialized'];

/** Restores what a status update may not change, and what the server keeps of the old status. */
export function preparePodStatus(draft: Draft<Pod>, old: Pod): void {
  // Stored data is shared, never written to: nothing after this prepares or defaults the spec.
  draft.spec = old.spec as Draft<Pod>['spec'];
  if (old.metadata.ownerReferences === undefined) delete draft.metadata.ownerReferences;
  else draft.metadata.ownerReferences = [...old.metadata.ownerReferences];
  const status = (draft.status ??= {});
  alignPodIps(status);
  if (isEmpty(status.qosClass) && old.status?.qosClass !== undefined) status.qosClass = old.status.qosClass;
  if ((status.observedGeneration ?? 0) === 0 && old.status?.observedGeneration !== undefined) {
    status.observedGeneration = old.status.observedGeneration;
  }
  keepObservedGenerations(status.conditions ?? [], old.status?.conditions ?? []);
  if (old.status?.resources === undefined && old.status?.allocatedResources === undefined) {
    delete status.resources;
    delete status.allocatedResources;
  }
  if (old.status?.extendedResourceClaimStatus === undefined) delete status.extendedResourceClaimStatus;
}

/** The older field of the two says what the pod's address is, the newer one what others it has. */
function alignPodIps(status: Draft<PodStatus>): void {
  const first = status.podIPs?.[0]?.ip;
  if (!isEmpty(status.podIP) && status.podIP !== first) status.podIPs = [{ ip: status.podIP }];
  else if (!isEmpty(first)) status.podIP = first;
}

/** Clients that do not know the field must not clear it; several conditions of a type are taken in turn. */
function keepObservedGenerations(conditions: Draft<PodCondition>[], olds: readonly PodCondition[]): void {
  const used = new Set<PodCondition>();
  for (const condition of conditions) {
    const old = olds.find((each) => each.type === condition.type && !used.has(each));
    if (old === undefined) continue;
    used.add(old);
    if ((condition.observedGeneration ?? 0) !== 0 || (old.observedGeneration ?? 0) === 0) continue;
    condition.observedGeneration = old.observedGeneration ?? 0;
  }
}

export function checkPodStatusUpdate(report: Report, object: Pod, old: Pod): void {
  checkAnnotationUpdates(report, 'metadata.annotations', object.metadata.annotations, old.metadata.annotations);
  const [status, before] = [object.status ?? {}, old.status ?? {}];
  checkConditions(report, 'status.conditions', status.conditions ?? []);
  checkNomination(report, object, old);
  checkGeneration(report, 'status.observedGeneration', status.observedGeneration);
  if ((status.qosClass ?? '') !== (before.qosClass ?? '')) {
    report(invalid('status.qosClass', status.qosClass ?? '', 'field is immutable'));
  }
  const { spec } = old;
  for (const [field, containers] of [
    ['containerStatuses', spec.containers],
    ['initContainerStatuses', spec.initContainers ?? []],
    ['ephemeralContainerStatuses', undefined],
  ] as const) {
    checkRevivals(report, `status.${field}`, {
      now: status[field] ?? [],
      before: before[field] ?? [],
      containers,
      spec,
    });
  }
  checkClaims(report, object);
  checkAddresses(report, object, old);
  for (const field of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const) {
    if (status[field] !== undefined) checkUsers(report, `status.${field}`, status[field], spec.os?.name ?? 'linux');
  }
}

function checkConditions(report: Report, path: string, conditions: readonly PodCondition[]): void {
  for (const [index, { type, observedGeneration }] of conditions.entries()) {
    checkGeneration(report, `${path}[${index}].observedGeneration`, observedGeneration);
    if (!SYSTEM_CONDITIONS.includes(type)) checkQualifiedName(report, `${path}[${index}].Type`, type);
  }
}

function checkGeneration(report: Report, path: string, generation: number | undefined): void {
  if (generation !== undefined && generation < 0) {
    report(invalid(path, generation, 'must be a non-negative integer'));
  }
}

function checkNomination(report: Report, { status }: Pod, old: Pod): void {
  const name = status?.nominatedNodeName;
  if (isEmpty(name) || name === old.status?.nominatedNodeName) return;
  reportFaults(report, 'status.nominatedNodeName', name, dns1123SubdomainFaults(name));
  if (isEmpty(old.spec.nodeName)) return;
  report(forbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'));
}

interface Revival {
  readonly now: readonly ContainerStatus[];
  readonly before: readonly ContainerStatus[];
  /** `undefined` for containers that never restart. */
  readonly containers: readonly Container[] | undefined;
  readonly spec: PodSpec;
}

/** A container that has ended for good does not come back. */
function checkRevivals(report: Report, path: string, { now, before, containers, spec }: Revival): void {
  for (const [index, old] of before.entries()) {
    const exitCode = old.state?.terminated?.exitCode;
    if (exitCode === undefined) continue;
    const next = now.find(({ name, state }) => name === old.name && state?.terminated === undefined);
    if (next === undefined) continue;
    const container = containers?.find(({ name }) => name === old.name);
    if (container !== undefined && mayRestart(container, spec, exitCode)) continue;
    report(forbidden(`${path}[${index}].state`, 'may not be transitioned to non-terminated state'));
  }
}

/** By the container's rules, then its own policy, then the pod's. */
function mayRestart(container: Container, { restartPolicy }: PodSpec, exitCode: number): boolean {
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    if (exitCodes === undefined) continue;
    const isListed = exitCodes.values?.includes(exitCode) ?? false;
    const applies = exitCodes.operator === 'In' ? isListed : exitCodes.operator === 'NotIn' && !isListed;
    if (applies && action === 'Restart') return true;
  }
  const policy = container.restartPolicy ?? restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function checkClaims(report: Report, { spec, status }: Pod): void {
  const seen = new Set<string>();
  for (const [index, { name, resourceClaimName }] of (status?.resourceClaimStatuses ?? []).entries()) {
    const at = `status.resourceClaimStatuses[${index}].name`;
    if (spec.resourceClaims?.some((each) => each.name === name) !== true) {
      report(invalid(at, name, 'must match the name of an entry in `spec.resourceClaims`'));
    }
    if (seen.has(name)) report(duplicate(at, name));
    seen.add(name);
    if (resourceClaimName === undefined) continue;
    reportFaults(report, at, resourceClaimName, dns1123SubdomainFaults(resourceClaimName));
  }
}

function checkAddresses(report: Report, { status }: Pod, old: Pod): void {
  const { podIPs = NO_ADDRESSES, hostIPs = NO_ADDRESSES, hostIP = '' } = status ?? {};
  checkAddressList(report, 'status.podIPs', podIPs, old.status?.podIPs);
  const [first] = hostIPs;
  if (first === undefined) return;
  if (hostIP !== first.ip) report(invalid('status.hostIPs[0].ip', first.ip, 'must be equal to `hostIP`'));
  checkAddressList(report, 'status.hostIPs', hostIPs, old.status?.hostIPs);
}

type Addresses = readonly { readonly ip: string }[];
const NO_ADDRESSES: Addresses = [];

/** One address of each family at most. What is there already may stay. */
function checkAddressList(report: Report, path: string, now: Addresses, before: Addresses = NO_ADDRESSES): void {
  if (deepEqual(now, before)) return;
  const [ips, olds] = [now.map(({ ip }) => ip), before.map(({ ip }) => ip)];
  for (const [index, ip] of ips.entries()) if (!olds.includes(ip)) checkAddress(report, `${path}[${index}]`, ip);
  if (ips.length < 2) return;
  const families = new Set<number>();
  for (const ip of ips) {
    const address = parseAddress(ip);
    if (address === undefined) break;
    families.add(address.family);
  }
  if (families.size === 2 && ips.length === 2) return;
  const value = ips.map((ip) => ({ IP: ip }));
  report(invalid(path, value, 'may specify no more than one IP for each IP family'));
}

function checkUsers(report: Report, path: string, statuses: readonly ContainerStatus[], os: string): void {
  for (const [index, { user }] of statuses.entries()) {
    const linux = user?.linux;
    if (linux === undefined) continue;
    const at = `${path}[${index}].user.linux`;
    if (os === 'windows') report(forbidden(at, 'cannot be set for a windows pod'));
    checkId(report, `${at}.uid`, linux.uid);
    checkId(report, `${at}.gid`, linux.gid);
    for (const [group, id] of (linux.supplementalGroups ?? []).entries()) {
      checkId(report, `${at}.supplementalGroups[${group}]`, id);
    }
  }
}
