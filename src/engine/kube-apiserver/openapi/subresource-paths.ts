import type { Kind, Subresource } from '../../machinery/kind.js';
import { builtInSchemas } from '../../machinery/schema/built-in-schemas.js';
import { responseKindOf } from '../discovery/resource-list.js';
import {
  ANY_TYPE,
  capitalised,
  type GroupVersionKind,
  idPart,
  type Method,
  OBJECT_TYPES,
  type Operation,
  type Path,
  tagOf,
} from './operation.js';
import { CONNECT, LOG, NAME, NAMESPACE, REST_OF_PATH } from './parameters.js';

type WriteAction = 'get' | 'post' | 'put' | 'patch' | 'delete';
/** What the operation would be on the object itself. */
type OnObject = (action: WriteAction) => Operation;

const ACTIONS: Readonly<Record<Subresource['verbs'][number], WriteAction>> = {
  create: 'post',
  delete: 'delete',
  get: 'get',
  patch: 'patch',
  update: 'put',
};
/** Whatever method a proxy is asked with, it passes on. */
const PROXY_METHODS: readonly Method[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const STREAM_METHODS: readonly Method[] = ['get', 'post'];

export function subresourcePaths(kind: Kind, objectPath: string, onObject: OnObject): readonly Path[] {
  return (kind.subresources ?? []).flatMap((subresource) => {
    const path = `${objectPath}/${subresource.name}`;
    const about = responseOf(kind, subresource);
    return about.kind in CONNECT
      ? connectPaths(kind, subresource, { path, about })
      : [{ path, operations: operationsOf(subresource, about, onObject) }];
  });
}

function responseOf(kind: Kind, subresource: Subresource): GroupVersionKind {
  const { group, version, kind: name } = responseKindOf(kind, subresource);
  return version === '' ? { group: kind.group, version: kind.version, kind: name } : { group, version, kind: name };
}

function operationsOf({ name, verbs }: Subresource, about: GroupVersionKind, onObject: OnObject): readonly Operation[] {
  return verbs.map((verb): Operation => {
    const action = ACTIONS[verb];
    const base = onObject(action);
    // A custom resource's status is shown as the whole, whose type no registry knows.
    const known = builtInSchemas.schemaOfKind(about.group, about.version, about.kind)?.typeName;
    const type = known ?? base.answer;
    const id = base.id + capitalised([name]);
    const body = action === 'post' || action === 'put' ? type : base.body;
    if (name !== 'log') return { ...base, id, about, body, answer: type };
    const produces = ['text/plain', ...OBJECT_TYPES];
    return { ...base, id, answer: undefined, produces, parameters: [...base.parameters, ...LOG] };
  });
}

interface Connection {
  readonly path: string;
  readonly about: GroupVersionKind;
}

function connectPaths(kind: Kind, { name }: Subresource, { path, about }: Connection): readonly Path[] {
  const { group, version } = kind;
  const isNamespaced = kind.scope === 'Namespaced';
  const isProxy = name === 'proxy';
  const parameters = [NAME, ...(isNamespaced ? [NAMESPACE] : []), ...(CONNECT[about.kind] ?? [])];
  const operations = (isProxy ? PROXY_METHODS : STREAM_METHODS).map((method): Operation => ({
    method,
    action: 'connect',
    id: `connect${idPart(group, version)}${capitalised([method, isNamespaced ? 'Namespaced' : '', kind.kind, name])}`,
    tag: tagOf(group, version),
    about,
    body: undefined,
    answer: undefined,
    parameters,
    statuses: [200],
    consumes: ANY_TYPE,
    produces: ANY_TYPE,
  }));
  if (!isProxy) return [{ path, operations }];
  const below = operations.map((each) => ({
    ...each,
    id: `${each.id}WithPath`,
    parameters: [...parameters, REST_OF_PATH],
  }));
  return [
    { path, operations },
    { path: `${path}/{path}`, operations: below },
  ];
}
