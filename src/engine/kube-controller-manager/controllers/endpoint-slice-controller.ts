// Mirrors upstream's EndpointSlice controller for Services with a selector: at most 100 endpoints a slice, few writes.
// Endpoints are hinted to zones and nodes as the Service asks. Changes of pods are gathered for a batch period of virtual time.
import { milliseconds } from '../../kernel/clock.js';
import { endpointSlice } from '../../kinds/endpoint-slice.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';
import { podsByNode } from '../../kinds/pod-indexes.js';
import { service } from '../../kinds/service.js';
import type { Node, Pod, Service } from '../../machinery/api/core-v1.js';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../machinery/api/discovery-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { keyOf } from '../../machinery/object.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import {
  canBeEndpoint,
  hasNamedTargets,
  HEADLESS_LABEL,
  hostnameOf,
  isHeadless,
  isIPv6,
  mattersToEndpoints,
  selectedPods,
  servicesOf,
  targetPortOf,
  TRIGGER_TIME,
  triggerTime,
  type TriggerTimes,
} from '../endpoints/service-endpoints.js';
import { planSlices, portKey, type PortGroup, type SliceContent, type SlicePlan } from '../endpoints/slice-plan.js';
import { closeHints, isOverloaded, isTopologyAware, withHints, type ZoneCounts } from '../endpoints/topology-hints.js';
import { zoneShares } from '../endpoints/zone-shares.js';
import { readyConditionOf } from '../nodes/node-taints.js';
import { controllerReference } from '../owner-references.js';
import { isReady } from '../pods.js';
import { isGone, isNamespaceTerminating } from '../status-errors.js';
import { without } from '../without.js';

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLER_NAME = 'endpointslice-controller.k8s.io';
const ZONE_LABEL = 'topology.kubernetes.io/zone';
const RESERVED_LABELS: readonly string[] = [SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL];
const BATCH_PERIOD = milliseconds(100);

type Labels = Readonly<Record<string, string>>;
interface State {
  readonly triggerTimes: TriggerTimes;
  /** The last resourceVersion that this controller wrote, by key of the slice: its own changes are no news. */
  readonly written: Map<string, string>;
  /** What zones have of the Services whose endpoints are dealt over them, by key and address type. */
  readonly hinted: Map<string, Map<string, ZoneCounts>>;
}
type Context = ReconcileContext<State>;

/** This controller's slices, by key of their Service. */
const slicesByService = defineIndex<EndpointSlice>({
  name: 'slicesByService',
  keysOf(slice) {
    const key = serviceKeyOf(slice);
    return key === undefined ? [] : [key];
  },
});

export const endpointSliceController = defineController<Service, State>({
  name: 'endpoint-slice-controller',
  option: 'endpointslice-controller',
  serviceAccount: 'endpointslice-controller',
  primary: service,
  matters: (object, previous) =>
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    !deepEqual(object.spec, previous.spec) ||
    isTopologyAware(object) !== isTopologyAware(previous) ||
    !deepEqual(object.metadata.labels, previous.metadata.labels),
  watches: [
    watching<Pod, State>({
      kind: pod,
      matters: mattersToEndpoints,
      map: (each, { client }) => servicesOf(client, each),
    }),
    watching<EndpointSlice, State>({ kind: endpointSlice, map: foreignChange }),
    watching<Node, State>({
      kind: node,
      matters: (object, previous) => zoneOf(object) !== zoneOf(previous),
      map: servicesOnNode,
    }),
    watching<Node, State>({
      kind: node,
      matters: (object, previous) =>
        readyConditionOf(object)?.status !== readyConditionOf(previous)?.status ||
        object.status?.allocatable?.['cpu'] !== previous.status?.allocatable?.['cpu'] ||
        !deepEqual(object.metadata.labels, previous.metadata.labels),
      map: overloadedServices,
    }),
  ],
  batchPeriod: () => BATCH_PERIOD,
  newState: () => ({ triggerTimes: new Map(), written: new Map(), hinted: new Map() }),

  reconcile(context, object) {
    const { client, key, state } = context;
    if (object === undefined) {
      state.triggerTimes.delete(key);
      state.hinted.delete(key);
      return undefined;
    }
    if (object.spec.type === 'ExternalName' || object.spec.selector === undefined) return undefined;
    const pods = selectedPods(client, object).filter((each) => canBeEndpoint(each, true));
    const slices = client
      .indexed(endpointSlice, slicesByService, key)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const changedAt = triggerTime(state.triggerTimes, object, pods);
    const types = addressTypesOf(object);
    for (const type of types) {
      const existing = slices.filter(({ addressType }) => addressType === type);
      reconcileType(context, { object, pods, existing, type, changedAt });
    }
    for (const slice of slices) if (!types.includes(slice.addressType)) remove(context, slice);
    return undefined;
  },
});

interface TypeInputs {
  readonly object: Service;
  readonly pods: readonly Pod[];
  readonly existing: readonly EndpointSlice[];
  readonly type: string;
  readonly changedAt: string | undefined;
}

function reconcileType(context: Context, { object, pods, existing, type, changedAt }: TypeInputs): void {
  const { uid } = object.metadata;
  const own = existing.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false);
  for (const slice of existing) if (!own.includes(slice)) remove(context, slice);
  const isDealt = isTopologyAware(object);
  const planned = planSlices({
    existing: own,
    desired: portGroups(context, object, pods, type),
    needsUpdate: ({ metadata }) => !deepEqual(metadata.labels ?? {}, labelsOf(object)),
    ...(isDealt ? { isSame: isSameBesideHints } : {}),
  });
  const plan = isDealt ? dealt(context, { object, type, existing: own }, planned) : planned;
  if (!isDealt) endDealing(context, object, type);
  if (object.metadata.deletionTimestamp === undefined && context.outstanding === 0) {
    for (const content of plan.create) create(context, type, { object, content, changedAt });
  }
  for (const [slice, content] of plan.update) update(context, slice, { object, content, changedAt });
  for (const slice of plan.remove) remove(context, slice);
}

const isSameBesideHints = (wanted: Endpoint, { hints: _hints, ...former }: Endpoint): boolean =>
  deepEqual(wanted, former);

/** The plan with its endpoints dealt over the zones, or with no hints where that cannot be done. */
function dealt(
  context: Context,
  { object, type, existing }: Pick<TypeInputs, 'object' | 'type' | 'existing'>,
  planned: SlicePlan,
): SlicePlan {
  const { client, key, state, recorder } = context;
  const { plan, counts, refusal } = withHints(planned, existing, zoneShares(client.list(node)));
  if (counts === undefined) {
    forgetHints(context, type);
    const message = `${refusal ?? ''}, addressType: ${type}`;
    recorder.record(object, 'Warning', 'TopologyAwareHintsDisabled', message);
    return plan;
  }
  const former = state.hinted.get(key);
  state.hinted.set(key, new Map([...(former ?? []), [type, counts]]));
  if (former === undefined) {
    const message = `Topology Aware Hints has been enabled, addressType: ${type}`;
    recorder.record(object, 'Normal', 'TopologyAwareHintsEnabled', message);
  }
  return plan;
}

function endDealing(context: Context, object: Service, type: string): void {
  if (!context.state.hinted.has(context.key)) return;
  forgetHints(context, type);
  const message = `Topology Aware Hints has been disabled, addressType: ${type}`;
  context.recorder.record(object, 'Warning', 'TopologyAwareHintsDisabled', message);
}

function forgetHints({ key, state }: Context, type: string): void {
  const counts = state.hinted.get(key);
  counts?.delete(type);
  if (counts?.size === 0) state.hinted.delete(key);
}

interface MutableGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Endpoint[];
}

/** The endpoints by the ports that their pods serve, in order of the pods. */
function portGroups({ client }: Context, object: Service, pods: readonly Pod[], type: string): readonly PortGroup[] {
  const groups = new Map<string, MutableGroup>();
  const hosts = new Map<string, Node | undefined>();
  const isNamed = hasNamedTargets(object);
  let group: MutableGroup | undefined;
  for (const each of pods) {
    if (group === undefined || isNamed) group = groupOf(groups, portsOf(each, object));
    const nodeName = each.spec.nodeName ?? '';
    if (!hosts.has(nodeName)) hosts.set(nodeName, client.get(node, nodeName));
    const host = hosts.get(nodeName);
    // A pod of a node that is gone is no endpoint, unless every address is to be published.
    if (host === undefined && object.spec.publishNotReadyAddresses !== true) continue;
    const endpoint = endpointOf(each, object, type, host === undefined ? undefined : zoneOf(host));
    if (endpoint.addresses.length > 0) group.endpoints.push(endpoint);
  }
  return [...groups.values()];
}

function groupOf(groups: Map<string, MutableGroup>, ports: readonly EndpointPort[]): MutableGroup {
  const key = portKey(ports);
  let group = groups.get(key);
  if (group === undefined) groups.set(key, (group = { ports, endpoints: [] }));
  return group;
}

function endpointOf(each: Pod, object: Service, type: string, zone: string | undefined): Endpoint {
  const { namespace = '', name, uid = '', deletionTimestamp } = each.metadata;
  const serving = isReady(each);
  const terminating = deletionTimestamp !== undefined;
  const hostname = hostnameOf(each, object);
  const { nodeName = '' } = each.spec;
  const endpoint: Endpoint = {
    addresses: (each.status?.podIPs ?? []).map(({ ip }) => ip).filter((ip) => isIPv6(ip) === (type === 'IPv6')),
    conditions: {
      ready: object.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName === '' ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
  };
  const hints = endpoint.conditions?.ready === true ? closeHints(object, endpoint) : undefined;
  return hints === undefined ? endpoint : { ...endpoint, hints };
}

const portsOf = (each: Pod, { spec }: Service): readonly EndpointPort[] =>
  (spec.ports ?? []).flatMap((port): readonly EndpointPort[] => {
    const number = targetPortOf(each, port);
    if (number === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = port;
    return [{ name, protocol, port: number, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });

interface SliceWrite {
  readonly object: Service;
  readonly content: SliceContent;
  /** When the pod or service changed that is the cause, where it is known. */
  readonly changedAt: string | undefined;
}

function create(context: Context, addressType: string, { object, content, changedAt }: SliceWrite): void {
  const { name, namespace } = object.metadata;
  const metadata = {
    generateName: `${name}-`,
    labels: labelsOf(object),
    ...(changedAt === undefined ? {} : { annotations: { [TRIGGER_TIME]: changedAt } }),
    ownerReferences: [controllerReference(service, object)],
  };
  context.create(
    endpointSlice,
    namespace,
    { metadata, addressType, ...bodyOf(content) },
    ({ object: slice, error }) => {
      if (error === undefined) noteWritten(context, slice);
      else if (!isNamespaceTerminating(error)) context.fail(error);
    },
  );
}

function update(context: Context, slice: EndpointSlice, { object, content, changedAt }: SliceWrite): void {
  const { annotations: former = {}, ...rest } = slice.metadata;
  const others = without(former, TRIGGER_TIME);
  const annotations = changedAt === undefined ? others : { ...others, [TRIGGER_TIME]: changedAt };
  const metadata = {
    ...rest,
    labels: labelsOf(object),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  context.client.update(endpointSlice, { ...slice, metadata, ...bodyOf(content) }, ({ object: written, error }) => {
    if (error === undefined) noteWritten(context, written);
    else context.fail(error);
  });
}

function remove(context: Context, slice: EndpointSlice): void {
  context.client.delete(endpointSlice, slice, {}, ({ error }) => {
    if (error !== undefined && !isGone(error)) context.fail(error);
  });
}

/** Empty lists are `null`, as upstream's come back from its store. */
const bodyOf = ({ ports, endpoints }: SliceContent): Pick<EndpointSlice, 'endpoints' | 'ports'> => ({
  endpoints: endpoints.length === 0 ? null : endpoints,
  ports: ports.length === 0 ? null : ports,
});

function labelsOf(object: Service): Labels {
  const own = Object.entries(object.metadata.labels ?? {}).filter(([key]) => !RESERVED_LABELS.includes(key));
  return {
    ...Object.fromEntries(own),
    ...(isHeadless(object) ? { [HEADLESS_LABEL]: '' } : {}),
    [SERVICE_NAME_LABEL]: object.metadata.name,
    [MANAGED_BY_LABEL]: CONTROLLER_NAME,
  };
}

function addressTypesOf({ spec }: Service): readonly string[] {
  const families = spec.ipFamilies ?? [];
  if (families.length > 0) return families;
  if (spec.clusterIP === undefined || spec.clusterIP === '' || spec.clusterIP === 'None') return ['IPv4', 'IPv6'];
  return [isIPv6(spec.clusterIP) ? 'IPv6' : 'IPv4'];
}

const zoneOf = ({ metadata }: Node): string | undefined => metadata.labels?.[ZONE_LABEL] || undefined;

function serviceKeyOf({ metadata }: EndpointSlice): string | undefined {
  if (metadata.labels?.[MANAGED_BY_LABEL] !== CONTROLLER_NAME) return undefined;
  const name = metadata.labels[SERVICE_NAME_LABEL] ?? '';
  return name === '' ? undefined : `${metadata.namespace ?? ''}/${name}`;
}

const noteWritten = ({ state }: Context, slice: EndpointSlice): void => {
  state.written.set(keyOf(slice), slice.metadata.resourceVersion ?? '');
};

/** A slice that somebody else changed or deleted is put right again. */
function foreignChange(
  slice: EndpointSlice,
  { state }: MapContext<State>,
  type: 'added' | 'modified' | 'deleted',
): readonly string[] {
  const key = keyOf(slice);
  const isOwn = Number(slice.metadata.resourceVersion) <= Number(state.written.get(key));
  if (type === 'deleted') state.written.delete(key);
  else if (isOwn) return [];
  const serviceKey = serviceKeyOf(slice);
  return serviceKey === undefined ? [] : [serviceKey];
}

/** Those whose endpoints are dealt over the zones otherwise than these now are. */
function overloadedServices(_object: Node, { client, state }: MapContext<State>): readonly string[] {
  if (state.hinted.size === 0) return [];
  const shares = zoneShares(client.list(node));
  return Array.from(state.hinted).flatMap(([key, byType]) =>
    Array.from(byType.values()).some((counts) => isOverloaded(counts, shares)) ? [key] : [],
  );
}

/** Only where endpoints wait for the node, or tell of its zone. */
function servicesOnNode({ metadata }: Node, { client }: MapContext<State>): readonly string[] {
  const pods = client.indexed(pod, podsByNode, metadata.name).filter((each) => canBeEndpoint(each, true));
  return [...new Set(pods.flatMap((each) => servicesOf(client, each)))];
}
