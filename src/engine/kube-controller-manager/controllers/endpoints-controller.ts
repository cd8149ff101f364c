// Mirrors upstream's endpoints controller: one legacy Endpoints object for each Service with a selector.
// It leaves out the order of ports by their hash: they stand as the Service names them.
import { milliseconds } from '../../kernel/clock.js';
import { endpoints } from '../../kinds/endpoints.js';
import { pod } from '../../kinds/pod.js';
import { service } from '../../kinds/service.js';
import type { Endpoints, EndpointSubset, Pod, Service } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { keyOf } from '../../machinery/object.js';
import type { StatusError } from '../../machinery/status-error.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import {
  HEADLESS_LABEL,
  isHeadless,
  mattersToEndpoints,
  selectedPods,
  servicesOf,
  TRIGGER_TIME,
  triggerTime,
  type TriggerTimes,
} from '../endpoints/service-endpoints.js';
import { subsetsOf, truncated } from '../endpoints/subsets.js';
import { isGone, isNamespaceTerminating } from '../status-errors.js';
import { without } from '../without.js';

const MANAGED_BY_LABEL = 'endpoints.kubernetes.io/managed-by';
const CONTROLLER_NAME = 'endpoint-controller';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
/** Changes of pods are gathered so long, longer for an object that is long to write: it is written as a whole each time. */
const BATCH_PERIOD = milliseconds(100);
const LARGE_BATCH_PERIOD = milliseconds(1_000);
const LARGE_MIN = 100;

interface State {
  readonly triggerTimes: TriggerTimes;
  /** How many pods a Service had last, by its key. */
  readonly sizes: Map<string, number>;
}
type Context = ReconcileContext<State>;

export const endpointsController = defineController<Service, State>({
  name: CONTROLLER_NAME,
  option: 'endpoints-controller',
  primary: service,
  matters: (object, previous) =>
    !deepEqual(object.spec, previous.spec) || !deepEqual(object.metadata.labels, previous.metadata.labels),
  watches: [
    watching<Pod, State>({
      kind: pod,
      matters: mattersToEndpoints,
      map: (each, { client }) => servicesOf(client, each),
    }),
    watching<Endpoints, State>({
      kind: endpoints,
      matters: () => false,
      map: (object, _context, type) => (type === 'deleted' ? [keyOf(object)] : []),
    }),
  ],
  batchPeriod: (key, { state }) => ((state.sizes.get(key) ?? 0) >= LARGE_MIN ? LARGE_BATCH_PERIOD : BATCH_PERIOD),
  newState: () => ({ triggerTimes: new Map(), sizes: new Map() }),

  reconcile(context, object) {
    const { client, key, state } = context;
    const current = client.get(endpoints, key);
    if (object === undefined) {
      state.triggerTimes.delete(key);
      state.sizes.delete(key);
      if (current !== undefined && current.metadata.labels?.[MANAGED_BY_LABEL] === CONTROLLER_NAME) {
        client.delete(endpoints, current, {}, ({ error }) => {
          if (error !== undefined && !isGone(error)) context.fail(error);
        });
      }
      return undefined;
    }
    if (object.spec.type === 'ExternalName' || object.spec.selector === undefined) return undefined;
    write(context, object, current);
    return undefined;
  },
});

function write(context: Context, object: Service, current: Endpoints | undefined): void {
  const { client, key, state } = context;
  const pods = selectedPods(client, object);
  state.sizes.set(key, pods.length);
  const all = subsetsOf(object, pods);
  const cut = truncated(all);
  const subsets = cut ?? all;
  const labels = labelsOf(object);
  const changedAt = triggerTime(state.triggerTimes, object, pods);
  if (current !== undefined && isSame(current, subsets, labels, cut !== undefined)) return;
  const metadata = { labels, ...annotationsOf(current, changedAt, cut !== undefined) };
  const body = subsets.length === 0 ? {} : { subsets };
  if (current === undefined) {
    if (context.outstanding > 0) return;
    const { name, namespace } = object.metadata;
    context.create(endpoints, namespace, { metadata: { name, ...metadata }, ...body }, ({ error }) => {
      if (error !== undefined && !isNamespaceTerminating(error)) failed(context, object, 'create', error);
    });
    return;
  }
  const kept = without(current.metadata, 'annotations');
  const rest = without(current, 'subsets');
  client.update(endpoints, { ...rest, metadata: { ...kept, ...metadata }, ...body }, ({ error }) => {
    if (error !== undefined) failed(context, object, 'update', error);
  });
}

const isSame = (
  { subsets = [], metadata }: Endpoints,
  wanted: readonly EndpointSubset[],
  labels: Readonly<Record<string, string>>,
  isCut: boolean,
): boolean =>
  deepEqual(subsets, wanted) &&
  deepEqual(metadata.labels ?? {}, labels) &&
  (metadata.annotations?.[OVER_CAPACITY] !== undefined) === isCut;

function labelsOf(object: Service): Readonly<Record<string, string>> {
  const labels = without(object.metadata.labels ?? {}, HEADLESS_LABEL);
  return { ...labels, ...(isHeadless(object) ? { [HEADLESS_LABEL]: '' } : {}), [MANAGED_BY_LABEL]: CONTROLLER_NAME };
}

function annotationsOf(current: Endpoints | undefined, changedAt: string | undefined, isCut: boolean): object {
  const others = without(current?.metadata.annotations ?? {}, TRIGGER_TIME, OVER_CAPACITY);
  const annotations = {
    ...others,
    ...(changedAt === undefined ? {} : { [TRIGGER_TIME]: changedAt }),
    ...(isCut ? { [OVER_CAPACITY]: 'truncated' } : {}),
  };
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

function failed(context: Context, object: Service, verb: 'create' | 'update', error: StatusError): void {
  const { namespace = '', name } = object.metadata;
  const about = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace } };
  if (verb === 'create') {
    const message = `Failed to create endpoint for service ${namespace}/${name}: ${error.message}`;
    context.recorder.record(about, 'Warning', 'FailedToCreateEndpoint', message);
  } else {
    const message = `Failed to update endpoint ${namespace}/${name}: ${error.message}`;
    context.recorder.record(about, 'Warning', 'FailedToUpdateEndpoint', message);
  }
  context.fail(error);
}
