import type { ObjectMeta } from './api/meta-v1.js';

/** What every persisted Kubernetes object has. Stored objects are shared between components: they are never mutated. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

type Primitive = string | number | boolean | undefined;

/** A private copy on its way into the store: defaulting and preparation may write to it, nobody else holds it yet. */
export type Draft<T> = T extends Primitive
  ? T
  : T extends readonly (infer Item)[]
    ? Draft<Item>[]
    : { -readonly [Key in keyof T]: Draft<T[Key]> };

/** Kind as it is named in `apiVersion` and `kind`; the core group is the empty string. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Resource as it is named in paths and in errors: `{group: 'apps', resource: 'deployments'}`. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export const apiVersionOf = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  group === '' ? version : `${group}/${version}`;

/** `namespace/name`, or the bare name of a cluster-scoped object: how queues, indexes and clients name an object. */
export const keyOf = ({ metadata: { namespace, name } }: KubeObject): string =>
  namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;

export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0
    ? { namespace: undefined, name: key }
    : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
