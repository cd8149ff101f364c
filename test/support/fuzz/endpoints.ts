import type { Schema, Schemas } from '../arbitrary-body.js';
import type { ApiClient } from '../api-client.js';

/** One verb of one path. */
export interface Endpoint {
  readonly method: string;
  /** With `{namespace}`, `{name}` and `{path}` where something has to be filled in. */
  readonly template: string;
  /** `list`, `patch`, `connect` and so on; none for paths outside the API groups. */
  readonly action: string | undefined;
  /** The plural. */
  readonly resource: string;
  readonly kind: string;
  readonly apiVersion: string;
  /** Of the objects at this path. */
  readonly schema: Schema;
  readonly schemas: Schemas;
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface Operation {
  readonly 'x-kubernetes-action'?: string;
  readonly 'x-kubernetes-group-version-kind'?: GroupVersionKind;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: {
    readonly schemas?: Readonly<
      Record<string, Schema & { readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[] }>
    >;
  };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const ELSEWHERE = [
  '/healthz',
  '/livez?verbose',
  '/readyz/etcd',
  '/metrics',
  '/api',
  '/apis',
  '/openapi/v2',
  '/',
  '/logs',
];

/** Every verb of every path that a cluster says it serves, by its discovery documents and what OpenAPI adds to them. */
export async function endpointsOf(kubernetes: ApiClient): Promise<readonly Endpoint[]> {
  const { paths } = await kubernetes.get<{ paths: Readonly<Record<string, { serverRelativeURL: string }>> }>(
    '/openapi/v3',
  );
  const found: Endpoint[] = [];
  for (const { serverRelativeURL } of Object.values(paths)) {
    // Its path is that of the whole server, which knows nothing of this client's root.
    const path = serverRelativeURL.slice(serverRelativeURL.indexOf('/openapi/'));
    found.push(...described(await kubernetes.get<Document>(path)));
  }
  const none = { resource: '', kind: '', apiVersion: '', schema: {}, schemas: {}, action: undefined };
  for (const template of ELSEWHERE) {
    for (const method of ['GET', 'POST', 'DELETE']) found.push({ ...none, method, template });
  }
  return found;
}

function described({ paths, components }: Document): readonly Endpoint[] {
  const schemas = components?.schemas ?? {};
  const found: Endpoint[] = [];
  for (const [template, operations] of Object.entries(paths)) {
    if (template.includes('/watch/')) continue;
    for (const method of METHODS) {
      const operation = operations[method];
      if (operation === undefined) continue;
      const type = operation['x-kubernetes-group-version-kind'];
      const own = Object.values(schemas).find((schema) =>
        schema['x-kubernetes-group-version-kind']?.some((each) => isSame(each, type)),
      );
      found.push({
        method: method.toUpperCase(),
        template,
        action: operation['x-kubernetes-action'],
        resource: /\/([^/{]+)(?:\/\{name\}.*)?$/.exec(template)?.[1] ?? '',
        kind: type?.kind ?? '',
        apiVersion: type === undefined ? '' : type.group === '' ? type.version : `${type.group}/${type.version}`,
        schema: own ?? {},
        schemas,
      });
    }
  }
  return found;
}

const isSame = (one: GroupVersionKind, other: GroupVersionKind | undefined): boolean =>
  one.group === other?.group && one.version === other.version && one.kind === other.kind;
