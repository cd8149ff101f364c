// Mirrors upstream's resource claim controller: claims from templates for pods, who uses a claim, and its end.
// It works on pods and on claims alike: the key of a pod has a prefix that no claim's has.
import {
  DELETE_PROTECTION,
  isReservedFor,
  namedClaim,
  podsByDeviceClaim,
  strangerFault,
} from '../../kinds/pod-device-claims.js';
import { pod as podKind } from '../../kinds/pod.js';
import { resourceClaim } from '../../kinds/resource-claim.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import type { ResourceClaim, ResourceClaimConsumerReference } from '../../machinery/api/resource-v1.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { makeClaims } from '../devices/pod-claims.js';
import { controllerOf } from '../owner-references.js';
import { failingUnlessGone } from '../owned-pods.js';

type Context = ReconcileContext<undefined>;

/** No namespace has such a name. */
const POD_PREFIX = 'pod:';
/** So many pods share a claim at most. */
const CONSUMERS_MAX = 256;

export const resourceClaimController = defineController<ResourceClaim>({
  name: 'resource_claim',
  option: 'resourceclaim-controller',
  serviceAccount: 'resource-claim-controller',
  primary: resourceClaim,
  watches: [
    watching<Pod, undefined>({
      kind: podKind,
      matters: ({ spec }) => spec.resourceClaims !== undefined,
      map: (pod, context, type) => keysOfPod(pod, context, type === 'deleted'),
    }),
    watching<ResourceClaim, undefined>({
      kind: resourceClaim,
      /** What a claim has become may be what its pods wait for. */
      map: (claim, context) =>
        context.client
          .indexed(podKind, podsByDeviceClaim, keyOf(claim))
          .flatMap((pod) => keysOfPod(pod, context, false)),
    }),
  ],

  reconcile(context, claim) {
    if (context.key.startsWith(POD_PREFIX)) {
      const pod = context.client.get(podKind, context.key.slice(POD_PREFIX.length));
      if (pod !== undefined && !isOver(pod)) syncPod(context, pod);
    } else if (claim !== undefined) syncClaim(context, claim);
    return undefined;
  },
});

function keysOfPod(pod: Pod, context: MapContext<undefined>, isDeleted: boolean): readonly string[] {
  const { resourceClaims = [] } = pod.spec;
  if (resourceClaims.length === 0) return [];
  const { namespace = '' } = pod.metadata;
  const keys: string[] = [];
  if (isDeleted || isDone(pod)) {
    for (const entry of resourceClaims) {
      const { name } = namedClaim(pod, entry);
      if (name !== undefined) keys.push(`${namespace}/${name}`);
    }
  }
  if (!isDeleted && needsWork(pod, context)) keys.push(`${POD_PREFIX}${keyOf(pod)}`);
  return keys;
}

/** None of its containers runs, and none ever will. */
const isDone = ({ metadata, spec, status }: Pod): boolean =>
  status?.phase === 'Succeeded' ||
  status?.phase === 'Failed' ||
  (metadata.deletionTimestamp !== undefined && (spec.nodeName ?? '') === '');

/** A pod that ends, or has ended, gets nothing any more: what is taken from it would come back. */
const isOver = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined || isDone(pod);

/** Whether a claim has to be made for the pod, or reserved for one that somebody else has bound. */
function needsWork(pod: Pod, { client }: MapContext<undefined>): boolean {
  const { namespace = '' } = pod.metadata;
  if (isOver(pod)) return false;
  for (const entry of pod.spec.resourceClaims ?? []) {
    const named = namedClaim(pod, entry);
    if (named.fault !== undefined) return true;
    if (named.name === undefined) return false;
    const claim = client.get(resourceClaim, `${namespace}/${named.name}`);
    if (claim === undefined) return entry.resourceClaimTemplateName !== undefined;
    if (named.isOwn && strangerFault(pod, claim) !== undefined) return false;
    if ((pod.spec.nodeName ?? '') === '') continue;
    if (canBeReserved(claim) && !isReservedFor(pod, claim)) return true;
  }
  return false;
}

const canBeReserved = ({ status }: ResourceClaim): boolean =>
  status?.allocation !== undefined && (status.reservedFor?.length ?? 0) < CONSUMERS_MAX;

function syncPod(context: Context, pod: Pod): void {
  makeClaims(context, pod);
  // The scheduler reserves claims for the pods that it binds.
  if ((pod.spec.nodeName ?? '') === '') return;
  const { namespace = '', name, uid = '' } = pod.metadata;
  for (const entry of pod.spec.resourceClaims ?? []) {
    const named = namedClaim(pod, entry);
    if (named.name === undefined) continue;
    const claim = context.client.get(resourceClaim, `${namespace}/${named.name}`);
    if (claim === undefined) return;
    if (named.isOwn && strangerFault(pod, claim) !== undefined) return context.retry();
    if (!canBeReserved(claim) || isReservedFor(pod, claim)) continue;
    const reservedFor = [...(claim.status?.reservedFor ?? []), { resource: 'pods', name, uid }];
    context.client.updateStatus(resourceClaim, { ...claim, status: { ...claim.status, reservedFor } });
  }
}

function syncClaim(context: Context, claim: ResourceClaim): void {
  const { reservedFor = [] } = claim.status ?? {};
  // Nobody knows of others whether they are still there: upstream gives up on such a claim.
  if (reservedFor.some((each) => !isPodReference(each))) return context.retry();
  const valid = reservedFor.filter((consumer) => isValid(context, claim, consumer));
  const isProtected = claim.metadata.finalizers?.includes(DELETE_PROTECTION) === true;
  if (valid.length < reservedFor.length) {
    release(context, claim, { reservedFor: valid, isFreed: isProtected && valid.length === 0 });
  } else if (isProtected && claim.metadata.deletionTimestamp !== undefined && valid.length === 0) {
    if (claim.status?.allocation === undefined) unprotect(context, claim);
    else release(context, claim, { reservedFor: [], isFreed: true });
  }
  if (valid.length === 0) dropUnused(context, claim);
}

function isValid({ client }: Context, claim: ResourceClaim, consumer: ResourceClaimConsumerReference): boolean {
  const { name, uid } = consumer;
  const pod = client.get(podKind, `${claim.metadata.namespace ?? ''}/${name}`);
  return pod?.metadata.uid === uid && !isDone(pod);
}

const isPodReference = ({ apiGroup = '', resource }: ResourceClaimConsumerReference): boolean =>
  apiGroup === '' && resource === 'pods';

interface Remainder {
  readonly reservedFor: readonly ResourceClaimConsumerReference[];
  /** The last consumer is gone, and so are the devices. */
  readonly isFreed: boolean;
}

function release(context: Context, claim: ResourceClaim, { reservedFor, isFreed }: Remainder): void {
  const { allocation, reservedFor: _before, ...rest } = claim.status ?? {};
  const status = {
    ...rest,
    ...(isFreed || allocation === undefined ? {} : { allocation }),
    ...(reservedFor.length === 0 ? {} : { reservedFor }),
  };
  context.client.updateStatus(resourceClaim, { ...claim, status }, (outcome) => {
    if (outcome.error !== undefined) failingUnlessGone(context)(outcome);
    else if (outcome.object.status?.allocation === undefined) unprotect(context, outcome.object);
  });
}

function unprotect(context: Context, claim: ResourceClaim): void {
  const { finalizers = [], ...metadata } = claim.metadata;
  if (!finalizers.includes(DELETE_PROTECTION)) return;
  const kept = finalizers.filter((each) => each !== DELETE_PROTECTION);
  const bare = { ...claim, metadata: kept.length === 0 ? metadata : { ...metadata, finalizers: kept } };
  context.client.update(resourceClaim, bare, failingUnlessGone(context));
}

/** A claim that was made for a pod which will not run any more goes before the pod does. */
function dropUnused(context: Context, claim: ResourceClaim): void {
  const owner = controllerOf(claim);
  if (owner?.kind !== podKind.kind || owner.apiVersion !== 'v1') return;
  const pod = context.client.get(podKind, `${claim.metadata.namespace ?? ''}/${owner.name}`);
  // Of a pod that is gone the garbage collector knows for certain.
  if (pod === undefined || (pod.metadata.uid === owner.uid && !isDone(pod))) return;
  context.client.delete(resourceClaim, claim, {}, failingUnlessGone(context));
}
