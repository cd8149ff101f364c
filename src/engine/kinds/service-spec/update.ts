/** What an update leaves unsaid is taken from the old Service, and what a change of type makes meaningless is dropped. */
import type { Service } from '../../machinery/api/core-v1.js';
import type { Draft } from '../../machinery/object.js';
import { deepClone } from '../../machinery/structure.js';
import {
  getsNodePorts,
  isExternallyAccessible,
  isLoadBalancer,
  mayHaveNodePorts,
  needsClusterIP,
  needsHealthCheck,
  nodePortsOf,
  sameClusterIPs,
  sameList,
} from './service-traits.js';

/** A client that sends its manifest again keeps the addresses and ports that it was given. */
export function keepAllocated(draft: Draft<Service>, old: Service): void {
  const { spec } = draft;
  if (needsClusterIP(old) && needsClusterIP(draft)) {
    if ((spec.clusterIP ?? '') === '' && old.spec.clusterIP !== undefined) spec.clusterIP = old.spec.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && old.spec.clusterIPs !== undefined) {
      spec.clusterIPs = deepClone(old.spec.clusterIPs as string[]);
    }
  }
  if (getsNodePorts(old) && getsNodePorts(draft)) keepNodePorts(draft, old);
  if (needsHealthCheck(old) && needsHealthCheck(draft) && (spec.healthCheckNodePort ?? 0) === 0) {
    if (old.spec.healthCheckNodePort !== undefined) spec.healthCheckNodePort = old.spec.healthCheckNodePort;
  }
}

/** `clusterIP` is the first of `clusterIPs`; clients that know only the former change the latter through it. */
export function alignClusterIPs(draft: Draft<Service>, old: Service | undefined): void {
  const { spec } = draft;
  const { clusterIP = '', clusterIPs = [] } = spec;
  if (old === undefined) {
    if (clusterIP !== '' && clusterIPs.length === 0) spec.clusterIPs = [clusterIP];
    return;
  }
  const { clusterIP: oldIP = '', clusterIPs: oldIPs = [] } = old.spec;
  if (clusterIP === oldIP) {
    if (oldIPs.length > 0 && clusterIPs.length === 0) spec.clusterIPs = [...oldIPs];
  } else if (sameList(clusterIPs, oldIPs)) {
    if (clusterIP === '') delete spec.clusterIPs;
    else spec.clusterIPs = [clusterIP];
  }
}

/** Only what the client did not change as well: a contradiction is for validation to report. */
export function dropMeaningless(draft: Draft<Service>, old: Service): void {
  const { spec } = draft;
  if (needsClusterIP(old) && !needsClusterIP(draft)) {
    if (sameClusterIPs(old, draft)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (sameList(old.spec.ipFamilies, spec.ipFamilies)) delete spec.ipFamilies;
    if (old.spec.ipFamilyPolicy === spec.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(draft)) {
    const held = nodePortsOf(old);
    if (nodePortsOf(draft).every((port) => held.includes(port)))
      for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheck(old) && !needsHealthCheck(draft) && old.spec.healthCheckNodePort === spec.healthCheckNodePort) {
    delete spec.healthCheckNodePort;
  }
  if (isLoadBalancer(old) && !isLoadBalancer(draft)) {
    if (old.spec.allocateLoadBalancerNodePorts === spec.allocateLoadBalancerNodePorts) {
      delete spec.allocateLoadBalancerNodePorts;
    }
    if (old.spec.loadBalancerClass === spec.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (
    isExternallyAccessible(old) &&
    !isExternallyAccessible(draft) &&
    old.spec.externalTrafficPolicy === spec.externalTrafficPolicy
  ) {
    delete spec.externalTrafficPolicy;
  }
  if (!isLoadBalancer(draft) && draft.status !== undefined) draft.status.loadBalancer = {};
}

function keepNodePorts({ spec }: Draft<Service>, old: Service): void {
  const given = new Set((spec.ports ?? []).map(({ nodePort = 0 }) => nodePort));
  const byName = new Map((old.spec.ports ?? []).map(({ name = '', nodePort = 0 }) => [name, nodePort]));
  for (const port of spec.ports ?? []) {
    if ((port.nodePort ?? 0) !== 0) continue;
    const before = byName.get(port.name ?? '') ?? 0;
    if (before !== 0 && !given.has(before)) port.nodePort = before;
  }
}
