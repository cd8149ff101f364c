// Mirrors the parts of upstream's pod garbage collector that are not about nodes that are gone: pods that have ended, where
// there are too many; pods on their way out that nobody runs; pods of nodes that are declared out of service.
import { after, instant, milliseconds, parseTimestamp, seconds, type Instant } from '../../kernel/clock.js';
import { node } from '../../kinds/node.js';
import { podsByNode } from '../../kinds/pod-indexes.js';
import { pod } from '../../kinds/pod.js';
import type { Node, Pod } from '../../machinery/api/core-v1.js';
import { keyOf } from '../../machinery/object.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { failingUnlessGone } from '../owned-pods.js';

/** Ended pods that are kept: upstream's `--terminated-pod-gc-threshold`. */
const FINISHED_MAX = 12_500;
const CHECK_PERIOD = seconds(20);
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
/** Stands for all ended pods; no pod has such a name. */
const ALL = '*';

type Context = ReconcileContext<undefined>;

const finishedPods = defineIndex<Pod>({ name: 'finishedPods', keysOf: (object) => (isFinished(object) ? [ALL] : []) });

export const finishedPodCollector = defineController<Pod>({
  name: 'finished-pod-collector',
  option: 'pod-garbage-collector-controller',
  serviceAccount: 'pod-garbage-collector',
  primary: pod,
  concerns: (object, context) => isAbandoned(object, context),
  watches: [
    watching<Pod, undefined>({
      kind: pod,
      matters: (object, previous) => isFinished(object) !== isFinished(previous),
      map: (object, _context, type) => (type !== 'deleted' && isFinished(object) ? [ALL] : []),
    }),
    watching<Node, undefined>({
      kind: node,
      matters: (object, previous) => isOutOfService(object) !== isOutOfService(previous),
      map: ({ metadata }, context) =>
        context.client
          .indexed(pod, podsByNode, metadata.name)
          .filter((each) => isAbandoned(each, context))
          .map(keyOf),
    }),
  ],
  batchPeriod: (key) => (key === ALL ? CHECK_PERIOD : milliseconds(0)),

  reconcile(context, object) {
    if (context.key === ALL) removeOldest(context);
    else if (object !== undefined && isAbandoned(object, context)) {
      // Upstream comes by every so often: what was abandoned just now is still as it was.
      const left = after(deletedAt(object) ?? context.simulation.now, CHECK_PERIOD) - context.simulation.now;
      if (left > 0) return milliseconds(left);
      remove(context, object);
    }
    return undefined;
  },
});

function isFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** On its way out, and nobody there to end it. */
function isAbandoned({ metadata, spec }: Pod, { client }: MapContext<undefined>): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  const { nodeName = '' } = spec;
  if (nodeName === '') return true;
  const host = client.get(node, nodeName);
  return host !== undefined && isOutOfService(host);
}

/** When its deletion was asked for: the object tells when its grace is over. */
function deletedAt({ metadata: { deletionTimestamp, deletionGracePeriodSeconds = 0 } }: Pod): Instant | undefined {
  const end = parseTimestamp(deletionTimestamp ?? '');
  return end === undefined ? undefined : instant(end - seconds(deletionGracePeriodSeconds));
}

const isOutOfService = ({ spec, status }: Node): boolean =>
  spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true &&
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') !== true;

function removeOldest(context: Context): void {
  const finished = context.client.indexed(pod, finishedPods, ALL);
  if (finished.length <= FINISHED_MAX) return;
  const isEvicted = ({ status }: Pod): boolean => status?.phase === 'Failed' && status.reason === 'Evicted';
  const createdAt = ({ metadata }: Pod): number => parseTimestamp(metadata.creationTimestamp ?? '') ?? 0;
  const order = finished.toSorted(
    (a, b) =>
      Number(isEvicted(b)) - Number(isEvicted(a)) ||
      createdAt(a) - createdAt(b) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  );
  for (const each of order.slice(0, finished.length - FINISHED_MAX)) remove(context, each);
}

function remove(context: Context, object: Pod): void {
  const { client } = context;
  const end = (): void => client.delete(pod, object, { gracePeriodSeconds: 0 }, failingUnlessGone(context));
  if (isFinished(object)) return end();
  const { uid, generation } = object.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const patch = { metadata: { uid }, status: { ...observed, phase: 'Failed' } };
  client.patchStatus(pod, keyOf(object), patch, (outcome) =>
    outcome.error === undefined ? end() : failingUnlessGone(context)(outcome),
  );
}
