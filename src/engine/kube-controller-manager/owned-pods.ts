import { pod } from '../kinds/pod.js';
import { podsByOwner } from '../kinds/pod-indexes.js';
import type { Pod, PodTemplateSpec } from '../machinery/api/core-v1.js';
import type { Kind } from '../machinery/kind.js';
import { matches, type LabelRequirements } from '../machinery/label-selector.js';
import { keyOf, type KubeObject } from '../machinery/object.js';
import type { NewObject } from '../machinery/resource-api.port.js';
import type { StatusError } from '../machinery/status-error.js';
import type { ReconcileContext } from './controller.js';
import { adoptionPatch, controllerReference, orphanPods, releasePatch } from './owner-references.js';
import { isGone, isNamespaceTerminating } from './status-errors.js';

const GENERATED_PREFIX_MAX = 58;

/** A workload and its kind: what owns the pods that a controller makes. */
export interface PodOwner {
  readonly kind: Kind;
  readonly object: KubeObject;
}

export interface PodClaim {
  readonly owner: PodOwner;
  readonly selector: LabelRequirements;
  /** Whether an orphan that is selected can be one of the owner's at all. */
  adopts?(object: Pod): boolean;
}

/** A pod as its owner's template has it; it is named after the owner unless it gets a name of its own. */
export function podFromTemplate({ kind, object }: PodOwner, template: PodTemplateSpec | undefined): NewObject<Pod> {
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    metadata: {
      generateName: `${object.metadata.name.slice(0, GENERATED_PREFIX_MAX)}-`,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(kind, object)],
    },
    spec: template?.spec ?? { containers: [] },
  };
}

/** The pods that the owner has and selects, with the orphans that it adopts now; what it no longer selects is let go. */
export function claimPods<State>(context: ReconcileContext<State>, claim: PodClaim): readonly Pod[] {
  const { client } = context;
  const { owner, selector } = claim;
  const { uid = '', namespace = '', deletionTimestamp } = owner.object.metadata;
  const isDeleting = deletionTimestamp !== undefined;
  const claimed: Pod[] = [];
  for (const each of client.indexed(pod, podsByOwner, uid)) {
    if (matches(selector, each.metadata.labels)) claimed.push(each);
    else if (!isDeleting)
      client.patch(pod, keyOf(each), releasePatch(each, new Set([uid])), failingUnlessGone(context));
  }
  if (isDeleting) return claimed;
  for (const orphan of client.indexed(pod, orphanPods, namespace)) {
    if (orphan.metadata.deletionTimestamp !== undefined || !matches(selector, orphan.metadata.labels)) continue;
    if (claim.adopts?.(orphan) === false) continue;
    const patch = adoptionPatch(orphan, controllerReference(owner.kind, owner.object));
    client.patch(pod, keyOf(orphan), patch, failingUnlessGone(context));
    claimed.push(orphan);
  }
  return claimed;
}

/**
 * Creates pods in batches that double, as upstream: where all fail for one reason, few are tried. Tells of each in the
 * owner's events; `failed` hears of those that failed and those that were therefore not tried.
 */
export function createPods<State>(
  context: ReconcileContext<State>,
  { object }: PodOwner,
  pods: readonly NewObject<Pod>[],
  failed?: (count: number, error: StatusError) => void,
): void {
  const { recorder } = context;
  let failure: StatusError | undefined;
  let next = 0;
  for (let batch = 1; next < pods.length && failure === undefined; batch *= 2) {
    const end = Math.min(next + batch, pods.length);
    for (; next < end; next++) {
      context.create(pod, object.metadata.namespace, pods[next]!, ({ object: created, error }) => {
        if (error === undefined) {
          recorder.record(object, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
          return;
        }
        failure = error;
        failed?.(1, error);
        if (isNamespaceTerminating(error)) return;
        recorder.record(object, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
        context.fail(error);
      });
    }
  }
  if (failure !== undefined && next < pods.length) failed?.(pods.length - next, failure);
}

/** Deletes a pod and tells of it in the owner's events; `failed` hears where it is still there. */
export function deletePod<State>(
  context: ReconcileContext<State>,
  { object }: PodOwner,
  target: Pod,
  failed?: (error: StatusError) => void,
): void {
  const { client, recorder } = context;
  client.delete(pod, target, {}, ({ error }) => {
    if (error === undefined) {
      recorder.record(object, 'Normal', 'SuccessfulDelete', `Deleted pod: ${target.metadata.name}`);
      return;
    }
    if (isGone(error)) return;
    recorder.record(object, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`);
    context.fail(error);
    failed?.(error);
  });
}

/** A receiver of outcomes to whom an object that is gone is as good as a success. */
export const failingUnlessGone =
  <State>(context: ReconcileContext<State>) =>
  ({ error }: { readonly error?: StatusError }): void => {
    if (error !== undefined && !isGone(error)) context.fail(error);
  };
