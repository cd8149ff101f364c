import type { Instant } from '../../kernel/clock.js';
import type { DaemonSet } from '../../machinery/api/apps-v1.js';
import type { Node, Pod } from '../../machinery/api/core-v1.js';
import { scaledCount } from '../../machinery/int-or-string.js';
import { isAvailable, isReady } from '../pods.js';
import { oldestFirst, type PodsByNode } from './daemon-pods.js';
import { generationOf, HASH_LABEL, isUpdated, type NodeFit } from './node-fit.js';

/** What a pass over a DaemonSet knows. */
export interface DaemonView {
  readonly set: DaemonSet;
  readonly hash: string;
  readonly nodes: readonly Node[];
  readonly fits: ReadonlyMap<string, NodeFit>;
  readonly pods: PodsByNode;
  readonly now: Instant;
}

export interface DaemonPlan {
  readonly deleted: readonly Pod[];
  /** Names of the nodes that are to get a pod. */
  readonly needing: readonly string[];
}

export interface EndedPods {
  /** Whether a failed pod of the node may be replaced now; not yet where the last one failed a short while ago. */
  replaces(object: Pod, nodeName: string): boolean;
}

const NO_PODS: readonly Pod[] = Object.freeze([]);

const surgeOf = ({ spec: { updateStrategy } }: DaemonSet, total: number): number =>
  updateStrategy?.type === 'RollingUpdate'
    ? (scaledCount(updateStrategy.rollingUpdate?.maxSurge ?? 0, total, 'up').count ?? 0)
    : 0;

const unavailableOf = ({ spec: { updateStrategy } }: DaemonSet, total: number): number =>
  scaledCount(updateStrategy?.rollingUpdate?.maxUnavailable ?? 0, total, 'up').count ?? 0;

/** One pod on every node that is to have one, and none elsewhere. */
export function placementPlan(view: DaemonView, ended: EndedPods): DaemonPlan {
  const deleted: Pod[] = [];
  const needing: string[] = [];
  for (const { metadata } of view.nodes) {
    const fit = view.fits.get(metadata.name);
    const pods = view.pods.get(metadata.name);
    const living = (pods ?? NO_PODS).filter((each) => each.metadata.deletionTimestamp === undefined);
    if (fit?.shouldRun === true && pods === undefined) needing.push(metadata.name);
    else if (fit?.shouldContinue === true) {
      const running: Pod[] = [];
      for (const each of living) {
        const phase = each.status?.phase;
        if (phase !== 'Failed' && phase !== 'Succeeded') running.push(each);
        else if (ended.replaces(each, metadata.name)) deleted.push(each);
      }
      if (surgeOf(view.set, 1) === 0) deleted.push(...running.toSorted(oldestFirst).slice(1));
      else if (running.length > 1) deleted.push(...surplusOf(view, running));
      else if (running.length === 0 && fit.shouldRun) needing.push(metadata.name);
    } else deleted.push(...living);
  }
  const known = new Set(view.nodes.map(({ metadata }) => metadata.name));
  for (const [nodeName, pods] of view.pods) {
    if (!known.has(nodeName)) deleted.push(...pods.filter(({ spec }) => (spec.nodeName ?? '') === ''));
  }
  return { deleted, needing };
}

/** Where pods may surge, a node has one old pod and one new one until the new one is available. */
function surplusOf({ set, hash, now }: DaemonView, running: readonly Pod[]): readonly Pod[] {
  const isNew = ({ metadata }: Pod): boolean => metadata.labels?.[HASH_LABEL] === hash;
  const sorted = running.toSorted(oldestFirst);
  const newest = sorted.find(isNew);
  const former = sorted.find((each) => !isNew(each));
  const surplus = sorted.filter((each) => each !== newest && each !== former);
  if (newest === undefined || former === undefined) return surplus;
  const isOver = !isReady(former) || isAvailable(newest, set.spec.minReadySeconds ?? 0, now);
  return isOver ? [...surplus, former] : surplus;
}

/** What a rolling update may do now. */
export function updatePlan(view: DaemonView): DaemonPlan {
  const { set, nodes, fits } = view;
  const desired = nodes.filter(({ metadata }) => fits.get(metadata.name)?.shouldRun === true);
  const surge = surgeOf(set, desired.length);
  const unavailable = unavailableOf(set, desired.length);
  const byNode = new Map(view.pods);
  for (const { metadata } of desired) if (!byNode.has(metadata.name)) byNode.set(metadata.name, NO_PODS);
  return surge === 0
    ? replacementPlan(view, byNode, desired.length > 0 && unavailable === 0 ? 1 : unavailable)
    : surgePlan(view, byNode, { surge, desired: desired.length });
}

/** The living pods of a node: at most one old and one new; `undefined` where there are more. */
function versionsOf({ set, hash }: DaemonView, pods: readonly Pod[]) {
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const generation = generationOf(set);
  const fresh = living.filter(({ metadata }) => isUpdated(metadata.labels, hash, generation));
  const old = living.filter((each) => !fresh.includes(each));
  return fresh.length > 1 || old.length > 1 ? undefined : { fresh: fresh[0], old: old[0] };
}

function replacementPlan(view: DaemonView, byNode: PodsByNode, limit: number): DaemonPlan {
  const { set, now } = view;
  const isUp = (each: Pod): boolean => isAvailable(each, set.spec.minReadySeconds ?? 0, now);
  let missing = 0;
  const allowed: Pod[] = [];
  const candidates: Pod[] = [];
  for (const pods of byNode.values()) {
    const versions = versionsOf(view, pods);
    const { fresh, old } = versions ?? {};
    if ((fresh === undefined) === (old === undefined)) missing++;
    else if (fresh !== undefined) missing += isUp(fresh) ? 0 : 1;
    else if (old !== undefined && !isUp(old)) {
      allowed.push(old);
      missing++;
    } else if (old !== undefined && missing < limit) candidates.push(old);
  }
  return { deleted: [...allowed, ...candidates.slice(0, Math.max(limit - missing, 0))], needing: [] };
}

function surgePlan(
  view: DaemonView,
  byNode: PodsByNode,
  limits: { readonly surge: number; readonly desired: number },
): DaemonPlan {
  const { set, fits, now } = view;
  const isUp = (each: Pod): boolean => isAvailable(each, set.spec.minReadySeconds ?? 0, now);
  const deleted: Pod[] = [];
  const misplaced: Pod[] = [];
  const allowed: string[] = [];
  const candidates: string[] = [];
  let surging = 0;
  let available = 0;
  for (const [nodeName, pods] of byNode) {
    const versions = versionsOf(view, pods);
    if (versions === undefined) {
      surging++;
      continue;
    }
    const { fresh, old } = versions;
    const shown = old ?? fresh;
    if (shown !== undefined && isUp(shown)) available++;
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (isUp(fresh)) deleted.push(old);
      else surging++;
    } else {
      const isWanted = fits.get(nodeName)?.shouldRun === true;
      if (!isUp(old)) {
        if (isWanted) allowed.push(nodeName);
        else deleted.push(old);
      } else if (!isWanted) misplaced.push(old);
      else if (surging < limits.surge) candidates.push(nodeName);
    }
  }
  deleted.push(...misplaced.slice(0, Math.max(available - limits.desired, 0)));
  return { deleted, needing: [...allowed, ...candidates.slice(0, Math.max(limits.surge - surging, 0))] };
}
