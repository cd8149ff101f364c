import { podRequests, type ResourceAmounts } from '../kinds/pod-requests.js';
import type { Container, Pod } from '../machinery/api/core-v1.js';
import { podAffinities, type PodAffinities } from './affinity-term.js';

/** What a container that asks for nothing is reckoned with when nodes are compared, as upstream has it. */
const UNASKED = Object.freeze({ cpu: '100m', memory: '200Mi' });
const WILDCARD_IP = '0.0.0.0';

/** A pod as the scheduler reckons with it, worked out once. */
export interface PodInfo {
  /** As it was last seen. */
  pod: Pod;
  readonly uid: string;
  readonly priority: number;
  readonly requests: ResourceAmounts;
  /** CPU and memory with stand-ins for what was not asked for; used to compare nodes, never to refuse one. */
  readonly comparable: ResourceAmounts;
  readonly hostPorts: readonly HostPort[];
  readonly affinities: PodAffinities;
  /** Keys of the claims that it names. */
  readonly claims: readonly string[];
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

export function podInfo(pod: Pod): PodInfo {
  const requests = podRequests(pod);
  return {
    pod,
    uid: pod.metadata.uid ?? '',
    priority: pod.spec.priority ?? 0,
    requests,
    comparable: comparableRequests(pod, requests),
    hostPorts: hostPortsOf(pod),
    affinities: podAffinities(pod),
    claims: claimsOf(pod),
  };
}

/** Equal port and protocol, at the same or at every address. */
export const portsConflict = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === WILDCARD_IP || b.ip === WILDCARD_IP);

/**
 * A container that asks for no CPU or memory is given a stand-in, as upstream has it; where the pod as a whole asks,
 * only for what neither it nor any container asks for.
 */
function comparableRequests(pod: Pod, requests: ResourceAmounts): ResourceAmounts {
  const { containers, initContainers = [], resources } = pod.spec;
  if (containers.every(asksForBoth) && initContainers.every(asksForBoth)) return requests;
  const isWhole = resources?.requests !== undefined;
  const missing = Object.fromEntries(
    Object.entries(UNASKED).filter(([name]) => !isWhole || requests[name] === undefined),
  );
  const filled = (container: Container): Container => ({
    ...container,
    resources: { ...container.resources, requests: { ...missing, ...container.resources?.requests } },
  });
  const spec = { ...pod.spec, containers: containers.map(filled), initContainers: initContainers.map(filled) };
  return podRequests({ ...pod, spec });
}

const asksForBoth = ({ resources }: Container): boolean =>
  resources?.requests?.['cpu'] !== undefined && resources.requests['memory'] !== undefined;

const NO_CLAIMS: readonly string[] = Object.freeze([]);

function claimsOf({ metadata, spec }: Pod): readonly string[] {
  let found: string[] | undefined;
  for (const { persistentVolumeClaim } of spec.volumes ?? []) {
    if (persistentVolumeClaim !== undefined) {
      (found ??= []).push(`${metadata.namespace ?? ''}/${persistentVolumeClaim.claimName}`);
    }
  }
  return found ?? NO_CLAIMS;
}

const NO_PORTS: readonly HostPort[] = Object.freeze([]);

function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  let found: HostPort[] | undefined;
  const collect = ({ ports = [] }: Container): void => {
    for (const { hostPort = 0, hostIP = '', protocol = 'TCP' } of ports) {
      if (hostPort > 0) (found ??= []).push({ ip: hostIP === '' ? WILDCARD_IP : hostIP, protocol, port: hostPort });
    }
  };
  spec.containers.forEach(collect);
  spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always').forEach(collect);
  return found ?? NO_PORTS;
}
