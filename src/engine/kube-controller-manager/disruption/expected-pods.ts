import { deployment } from '../../kinds/deployment.js';
import { replicaSet } from '../../kinds/replica-set.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import type { OwnerReference } from '../../machinery/api/meta-v1.js';
import { scaledCount } from '../../machinery/int-or-string.js';
import type { PodDisruptionBudget } from '../../machinery/api/policy-v1.js';
import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import { goQuote } from '../../machinery/go-text.js';
import type { ControllerContext } from '../controller.js';
import { controllerOf } from '../owner-references.js';

/** How many pods there should be, and how many of them must be healthy. */
export interface Expectation {
  readonly expected: number;
  readonly desired: number;
  /** Names of pods that nobody controls, where it matters who does. */
  readonly unmanaged: readonly string[];
}

/** Why it cannot be told how many pods there should be. */
export interface ExpectationFault {
  readonly fault: string;
}

export function expectationOf(
  context: ControllerContext,
  { spec }: PodDisruptionBudget,
  pods: readonly Pod[],
): Expectation | ExpectationFault {
  const { maxUnavailable, minAvailable } = spec ?? {};
  if (maxUnavailable === undefined && typeof minAvailable === 'number') {
    return { expected: pods.length, desired: minAvailable, unmanaged: [] };
  }
  const value = maxUnavailable ?? minAvailable;
  if (value === undefined) return { expected: 0, desired: 0, unmanaged: [] };
  const scale = expectedScale(context, pods);
  if ('fault' in scale) return scale;
  const { count, error } = scaledCount(value, scale.expected, 'up');
  if (error !== undefined) return { fault: error };
  const desired = maxUnavailable === undefined ? count : Math.max(scale.expected - count, 0);
  return { ...scale, desired };
}

function expectedScale(
  context: ControllerContext,
  pods: readonly Pod[],
): Omit<Expectation, 'desired'> | ExpectationFault {
  const scales = new Map<string, number>();
  const seen = new Set<string>();
  const unmanaged: string[] = [];
  for (const each of pods) {
    const owner = controllerOf(each);
    if (owner === undefined) {
      unmanaged.push(each.metadata.name);
      continue;
    }
    if (seen.has(owner.uid)) continue;
    seen.add(owner.uid);
    const found = scaleOf(context, owner, each.metadata.namespace ?? '');
    if (found === undefined) return { fault: `found no controllers for pod ${goQuote(each.metadata.name)}` };
    if ('fault' in found) return found;
    scales.set(found.uid, found.scale);
  }
  return { expected: [...scales.values()].reduce((sum, each) => sum + each, 0), unmanaged };
}

type Scale = { readonly uid: string; readonly scale: number } | ExpectationFault | undefined;

/** A ReplicaSet of a Deployment counts as that one: both sets of a roll-out together have its scale. */
function scaleOf({ client, settings }: ControllerContext, owner: OwnerReference, namespace: string): Scale {
  const key = `${namespace}/${owner.name}`;
  const isOwner = (object: KubeObject | undefined): boolean => object?.metadata.uid === owner.uid;
  if (owner.kind === replicaSet.kind && owner.apiVersion === apiVersionOf(replicaSet)) {
    const set = client.get(replicaSet, key);
    if (set === undefined || !isOwner(set)) return undefined;
    const above = controllerOf(set);
    const parent = above?.kind === deployment.kind ? client.get(deployment, `${namespace}/${above.name}`) : undefined;
    if (above === undefined || parent?.metadata.uid !== above.uid) {
      return { uid: owner.uid, scale: set.spec.replicas ?? 1 };
    }
    return { uid: above.uid, scale: parent.spec.replicas ?? 1 };
  }
  const isIt = (each: Kind): boolean => each.kind === owner.kind && apiVersionOf(each) === owner.apiVersion;
  const kind = settings.kinds.find(isIt) ?? client.customKinds().find(isIt);
  if (kind === undefined) {
    return { fault: `no matches for kind ${goQuote(owner.kind)} in version ${goQuote(owner.apiVersion)}` };
  }
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
  const { scale } = kind;
  if (scale === undefined) {
    return { fault: `${resource} does not implement the scale subresource` };
  }
  const object = client.get(kind, kind.scope === 'Cluster' ? owner.name : key);
  return object !== undefined && isOwner(object) ? { uid: owner.uid, scale: scale.replicas(object) } : undefined;
}
