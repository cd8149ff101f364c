import { parseTimestamp, timestamp, type Instant } from '../../kernel/clock.js';
import { pod } from '../../kinds/pod.js';
import { service } from '../../kinds/service.js';
import type { Client } from '../../client/client.js';
import type { Pod, Service, ServicePort } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { keyOf } from '../../machinery/object.js';
import { isReady, readyTransition } from '../pods.js';

export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';
export const HEADLESS_LABEL = 'service.kubernetes.io/headless';

type Labels = Readonly<Record<string, string>>;

/** An empty selector selects nothing here: such a Service's endpoints are somebody else's. */
export function selects(selector: Labels | undefined, labels: Labels | undefined): boolean {
  if (selector === undefined || labels === undefined) return false;
  let isEmpty = true;
  for (const key in selector) {
    if (labels[key] !== selector[key]) return false;
    isEmpty = false;
  }
  return !isEmpty;
}

/** The Services, of the pod's namespace only, that select it. */
export function servicesOf(client: Client, { metadata }: Pod): readonly string[] {
  const keys: string[] = [];
  for (const each of client.list(service, metadata.namespace)) {
    if (selects(each.spec.selector, metadata.labels)) keys.push(keyOf(each));
  }
  return keys;
}

export const selectedPods = (client: Client, { metadata, spec }: Service): readonly Pod[] =>
  client.list(pod, metadata.namespace).filter((each) => selects(spec.selector, each.metadata.labels));

/** Whether all pods serve a Service's ports by the same numbers. */
export const hasNamedTargets = ({ spec }: Service): boolean =>
  spec.ports?.some(({ targetPort }) => typeof targetPort === 'string') ?? false;

/** Whether a change of a pod can show in any Service's endpoints. */
export const mattersToEndpoints = (object: Pod, previous: Pod): boolean =>
  isReady(object) !== isReady(previous) ||
  object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
  object.status?.phase !== previous.status?.phase ||
  object.spec.nodeName !== previous.spec.nodeName ||
  !deepEqual(object.status?.podIPs, previous.status?.podIPs) ||
  !deepEqual(object.metadata.labels, previous.metadata.labels);

/** A finished pod, or one without an address, is nobody's endpoint. */
export function canBeEndpoint({ metadata, status }: Pod, evenTerminating: boolean): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return false;
  if ((status?.podIPs?.length ?? 0) === 0) return false;
  return evenTerminating || metadata.deletionTimestamp === undefined;
}

/** Its host name, where the Service is the subdomain that it is known under. */
export const hostnameOf = ({ spec, metadata }: Pod, { metadata: of }: Service): string | undefined =>
  (spec.hostname ?? '') !== '' && spec.subdomain === of.name && metadata.namespace === of.namespace
    ? spec.hostname
    : undefined;

/** The number of a Service's port on this pod; `undefined` where no container has a port of that name. */
export function targetPortOf({ spec }: Pod, { targetPort, port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort !== 'string') return targetPort ?? port;
  const sidecars = spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  for (const { ports = [] } of [...spec.containers, ...sidecars]) {
    const found = ports.find((each) => each.name === targetPort && (each.protocol ?? 'TCP') === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

export const isIPv6 = (address: string): boolean => address.includes(':');

export const isHeadless = ({ spec }: Service): boolean =>
  spec.clusterIP === undefined || spec.clusterIP === '' || spec.clusterIP === 'None';

/** When the newest change that a Service's endpoints show took place, by key of the Service. */
export type TriggerTimes = Map<string, Instant>;

/**
 * The time of the earliest change since the last answer for this Service: its creation, or a pod that got ready or unready.
 * `undefined` where there is none, as after a pod has gone.
 */
export function triggerTime(times: TriggerTimes, object: Service, pods: readonly Pod[]): string | undefined {
  const key = keyOf(object);
  const known = times.get(key) ?? Number.NEGATIVE_INFINITY;
  let earliest: Instant | undefined;
  let latest: Instant | undefined;
  const consider = (time: Instant | undefined): void => {
    if (time === undefined || time <= known) return;
    if (earliest === undefined || time < earliest) earliest = time;
    if (latest === undefined || time > latest) latest = time;
  };
  consider(parseTimestamp(object.metadata.creationTimestamp ?? ''));
  for (const each of pods) consider(readyTransition(each));
  if (latest !== undefined) times.set(key, latest);
  return earliest === undefined ? undefined : timestamp(earliest);
}
