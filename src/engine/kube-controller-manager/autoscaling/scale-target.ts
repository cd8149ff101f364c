import type { HorizontalPodAutoscaler } from '../../machinery/api/autoscaling-v2.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ControllerContext } from '../controller.js';

export interface ScaleTarget {
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly replicas: number;
  readonly statusReplicas: number;
  /** As text; empty where the target has none. */
  readonly selector: string;
}

/** What is to be scaled, or in upstream's words why it cannot be had. */
export function scaleTargetOf(
  { client, settings }: ControllerContext,
  { metadata, spec }: HorizontalPodAutoscaler,
): ScaleTarget | { readonly fault: string } {
  const { apiVersion = '', kind: kindName, name } = spec.scaleTargetRef;
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  const isIt = (each: Kind): boolean => each.group === group && each.kind === kindName;
  const kind = settings.kinds.find(isIt) ?? client.customKinds().find(isIt);
  if (kind === undefined) return { fault: `no matches for kind ${goQuote(kindName)} in group ${goQuote(group)}` };
  const { scale } = kind;
  if (scale === undefined) return { fault: 'the server could not find the requested resource' };
  const object = client.get(kind, `${metadata.namespace ?? ''}/${name}`);
  if (object === undefined) {
    const resource = group === '' ? kind.plural : `${kind.plural}.${group}`;
    return { fault: `${resource} ${goQuote(name)} not found` };
  }
  return {
    kind,
    object,
    replicas: scale.replicas(object),
    statusReplicas: scale.statusReplicas(object),
    selector: scale.selector(object),
  };
}
