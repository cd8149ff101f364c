import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { pod } from '../../kinds/pod.js';
import { statefulSet } from '../../kinds/stateful-set.js';
import type { StatefulSet } from '../../machinery/api/apps-v1.js';
import type { PersistentVolumeClaim, Pod } from '../../machinery/api/core-v1.js';
import type { OwnerReference } from '../../machinery/api/meta-v1.js';
import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import type { ReconcileContext } from '../controller.js';
import { controllerReference } from '../owner-references.js';
import { isAlreadyThere } from '../status-errors.js';
import { claimNameOf, claimsOf, isInRange, podNameOf } from './identity.js';

type Context = ReconcileContext<undefined>;

/** One place of a set: the pod may be missing. */
export interface Place {
  readonly set: StatefulSet;
  readonly ordinal: number;
  readonly pod: Pod | undefined;
}

/** Creates the claims that are missing; `then` is called when all are there, `failed` once when one cannot be had. */
export function ensureClaims(
  context: Context,
  { set, ordinal }: Place,
  then: () => void,
  failed: (message: string) => void,
): void {
  const { client, recorder } = context;
  const { namespace = '' } = set.metadata;
  const faults: string[] = [];
  let open = 1;
  const settle = (): void => {
    if (--open > 0) return;
    if (faults.length === 0) then();
    else failed(faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`);
  };
  for (const claim of claimsOf(set, ordinal)) {
    const name = claim.metadata.name ?? '';
    const there = client.get(persistentVolumeClaim, `${namespace}/${name}`);
    if (there?.metadata.deletionTimestamp !== undefined) faults.push(`pvc ${name} is being deleted`);
    if (there !== undefined) continue;
    open++;
    context.create(persistentVolumeClaim, namespace, claim, ({ error }) => {
      const words = `Create Claim ${name}`;
      const where = `Pod ${podNameOf(set, ordinal)} in StatefulSet ${set.metadata.name}`;
      if (error === undefined) recorder.record(set, 'Normal', 'SuccessfulCreate', `${words} ${where} success`);
      else {
        faults.push(`failed to create PVC ${name}: ${error.message}`);
        if (!isAlreadyThere(error)) {
          const message = `${words} for ${where} failed error: ${error.message}`;
          recorder.record(set, 'Warning', 'FailedCreate', message);
        }
      }
      settle();
    });
  }
  settle();
}

/** Whether a claim will go with a pod of this place that is already gone: a new pod has to wait for that. */
export function hasStaleClaim({ client }: Context, place: Place): boolean {
  if (policyOf(place.set).whenScaled !== 'Delete' || place.pod !== undefined) return false;
  const name = podNameOf(place.set, place.ordinal);
  return existingClaims(client, place).some(({ metadata }) =>
    metadata.ownerReferences?.some((each) => each.kind === pod.kind && each.apiVersion === 'v1' && each.name === name),
  );
}

/** Makes the owners of the place's claims what the retention policy says. */
export function retainClaims(context: Context, place: Place): void {
  const { client, recorder } = context;
  for (const claim of existingClaims(client, place)) {
    const hasOther = hasConflictingOwner(claim, place);
    if (hasOther) {
      const message = `PersistentVolumeClaim ${claim.metadata.name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
      recorder.record(place.set, 'Warning', 'ConflictingController', message);
    }
    if (isOwnedRightly(claim, place)) continue;
    const kept = (claim.metadata.ownerReferences ?? []).filter((each) => !isOfPlace(each, place));
    const wanted = hasOther ? [] : ownersOf(place);
    const ownerReferences = [...kept, ...wanted];
    client.update(persistentVolumeClaim, { ...claim, metadata: { ...claim.metadata, ownerReferences } });
  }
}

const policyOf = ({ spec }: StatefulSet): { readonly whenDeleted: string; readonly whenScaled: string } => ({
  whenDeleted: spec.persistentVolumeClaimRetentionPolicy?.whenDeleted ?? 'Retain',
  whenScaled: spec.persistentVolumeClaimRetentionPolicy?.whenScaled ?? 'Retain',
});

const existingClaims = (client: Context['client'], { set, ordinal }: Place): readonly PersistentVolumeClaim[] =>
  (set.spec.volumeClaimTemplates ?? []).flatMap(
    (template) =>
      client.get(persistentVolumeClaim, `${set.metadata.namespace ?? ''}/${claimNameOf(set, template, ordinal)}`) ?? [],
  );

/** Who is to own the claims: the set where they go with it, the pod where it is one too many. */
function ownersOf({ set, ordinal, pod: object }: Place): readonly OwnerReference[] {
  const { whenDeleted, whenScaled } = policyOf(set);
  if (whenScaled === 'Delete' && !isInRange(set, ordinal)) {
    return object === undefined ? [] : [controllerReference(pod, object)];
  }
  return whenDeleted === 'Delete' ? [controllerReference(statefulSet, set)] : [];
}

function isOwnedRightly(claim: PersistentVolumeClaim, place: Place): boolean {
  const references = claim.metadata.ownerReferences ?? [];
  const own = references.filter((each) => isOfPlace(each, place));
  const uids = new Set([place.set.metadata.uid, place.pod?.metadata.uid]);
  // The garbage collector has yet to see what was meant by an owner that is gone.
  if (own.some(({ uid }) => !uids.has(uid))) return true;
  if (hasConflictingOwner(claim, place)) return own.length === 0;
  if (own.some(({ controller }) => controller !== true)) return false;
  const wanted = ownersOf(place);
  return own.length === wanted.length && wanted.every(({ uid }) => own.some((each) => each.uid === uid));
}

function hasConflictingOwner(claim: PersistentVolumeClaim, place: Place): boolean {
  const { whenDeleted, whenScaled } = policyOf(place.set);
  if (whenDeleted === 'Retain' && whenScaled === 'Retain') return false;
  const uids = new Set([place.set.metadata.uid, place.pod?.metadata.uid]);
  return (claim.metadata.ownerReferences ?? []).some((each) =>
    isOfPlace(each, place) ? !uids.has(each.uid) : each.controller === true,
  );
}

const isOfPlace = (reference: OwnerReference, { set, ordinal, pod: object }: Place): boolean =>
  refersTo(reference, statefulSet, set) ||
  refersTo(reference, pod, object ?? { ...set, metadata: { name: podNameOf(set, ordinal) } });

const refersTo = ({ apiVersion, kind, name }: OwnerReference, target: Kind, { metadata }: KubeObject): boolean =>
  apiVersion === apiVersionOf(target) && kind === target.kind && name === metadata.name;
