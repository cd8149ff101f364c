import type { LabelSelector } from '../../machinery/api/meta-v1.js';
import type { ScaleAccess, Subresource } from '../../machinery/kind.js';
import { formatLabelSelector, fromLabelSelector } from '../../machinery/label-selector.js';
import type { KubeObject } from '../../machinery/object.js';

export const scaleSubresource: Subresource = Object.freeze({
  name: 'scale',
  verbs: ['get', 'patch', 'update'],
  responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
} satisfies Subresource);

interface Scalable extends KubeObject {
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

/** Replicas where every workload kind has them. */
export const scaleOf = <T extends Scalable>(selectorOf: (object: T) => LabelSelector | undefined): ScaleAccess<T> => ({
  replicas: ({ spec }) => spec.replicas ?? 0,
  statusReplicas: ({ status }) => status?.replicas ?? 0,
  selector: (object) => {
    const selector = selectorOf(object);
    return selector === undefined ? '' : formatLabelSelector(fromLabelSelector(selector));
  },
  withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
});
