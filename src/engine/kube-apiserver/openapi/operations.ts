import type { Kind, Subresource } from '../../machinery/kind.js';
import { builtInSchemas } from '../../machinery/schema/built-in-schemas.js';
import { responseKindOf } from '../discovery/resource-list.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type OperationAction = Method | 'list' | 'deletecollection';

/** One thing that can be asked of one path, before a dialect writes it down. */
export interface Operation {
  readonly method: Method;
  readonly action: OperationAction;
  readonly id: string;
  readonly tag: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Go types; `undefined` where the body is free. */
  readonly body: string | undefined;
  readonly answer: string | undefined;
  readonly query: readonly Parameter[];
  readonly statuses: readonly number[];
}

export interface Parameter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean';
}

export interface Path {
  readonly path: string;
  readonly parameters: readonly ('namespace' | 'name')[];
  readonly operations: readonly Operation[];
}

const META = 'k8s.io/apimachinery/pkg/apis/meta/v1';
export const PATCH = `${META}.Patch`;
export const DELETE_OPTIONS = `${META}.DeleteOptions`;
const STATUS = `${META}.Status`;

const text = (name: string): Parameter => ({ name, type: 'string' });
const integer = (name: string): Parameter => ({ name, type: 'integer' });
const flag = (name: string): Parameter => ({ name, type: 'boolean' });

const LIST: readonly Parameter[] = [
  flag('allowWatchBookmarks'),
  text('continue'),
  text('fieldSelector'),
  text('labelSelector'),
  integer('limit'),
  text('resourceVersion'),
  text('resourceVersionMatch'),
  flag('sendInitialEvents'),
  integer('timeoutSeconds'),
  flag('watch'),
];
const WRITE: readonly Parameter[] = [text('dryRun'), text('fieldManager'), text('fieldValidation')];
const DELETE: readonly Parameter[] = [
  text('dryRun'),
  integer('gracePeriodSeconds'),
  flag('ignoreStoreReadErrorWithClusterBreakingPotential'),
  flag('orphanDependents'),
  text('propagationPolicy'),
];
const QUERIES: Readonly<Record<OperationAction, readonly Parameter[]>> = {
  get: [],
  list: LIST,
  post: WRITE,
  put: WRITE,
  patch: [...WRITE, flag('force')],
  delete: DELETE,
  deletecollection: [...DELETE, ...LIST.filter(({ name }) => name !== 'watch' && name !== 'allowWatchBookmarks')],
};
const STATUSES: Readonly<Record<OperationAction, readonly number[]>> = {
  get: [200],
  list: [200],
  post: [200, 201, 202],
  put: [200, 201],
  patch: [200, 201],
  delete: [200, 202],
  deletecollection: [200],
};
const WORDS: Readonly<Record<OperationAction, string>> = {
  get: 'read',
  list: 'list',
  post: 'create',
  put: 'replace',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

/** The paths of a kind: its collection, over all namespaces too, its objects and their subresources. */
export function pathsOf(kind: Kind): readonly Path[] {
  const isNamespaced = kind.scope === 'Namespaced';
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const collection = isNamespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`;
  const namespace = isNamespaced ? (['namespace'] as const) : [];
  const has = (verb: Kind['verbs'][number]): boolean => kind.verbs.includes(verb);
  const on = (verb: Kind['verbs'][number], action: OperationAction): readonly Operation[] =>
    has(verb) ? [operationOf(kind, action)] : [];
  const paths: Path[] = [
    {
      path: collection,
      parameters: namespace,
      operations: [...on('list', 'list'), ...on('create', 'post'), ...on('deletecollection', 'deletecollection')],
    },
    {
      path: `${collection}/{name}`,
      parameters: ['name', ...namespace],
      operations: [...on('get', 'get'), ...on('update', 'put'), ...on('delete', 'delete'), ...on('patch', 'patch')],
    },
    ...(kind.subresources ?? []).map((subresource): Path => ({
      path: `${collection}/{name}/${subresource.name}`,
      parameters: ['name', ...namespace],
      operations: subresourceOperations(kind, subresource),
    })),
  ];
  if (isNamespaced && has('list')) {
    const list = operationOf(kind, 'list');
    const id = `list${idPart(kind)}${kind.kind}ForAllNamespaces`;
    paths.push({ path: `${root}/${kind.plural}`, parameters: [], operations: [{ ...list, id }] });
  }
  return paths.filter(({ operations }) => operations.length > 0);
}

/** The Go type of a kind's list. */
export const listTypeOf = ({ group, version, kind }: Kind): string | undefined =>
  builtInSchemas.schemaOfKind(group, version, `${kind}List`)?.typeName;

function operationOf(kind: Kind, action: OperationAction): Operation {
  const collection = action === 'deletecollection' ? 'Collection' : '';
  const scope = kind.scope === 'Namespaced' ? 'Namespaced' : '';
  const isList = action === 'list';
  return {
    method: isList ? 'get' : action === 'deletecollection' ? 'delete' : action,
    action,
    id: `${WORDS[action]}${idPart(kind)}${collection}${scope}${kind.kind}`,
    tag: tagOf(kind),
    group: kind.group,
    version: kind.version,
    kind: kind.kind,
    body: bodyOf(action, kind.type),
    answer: isList ? listTypeOf(kind) : action === 'deletecollection' || action === 'delete' ? STATUS : kind.type,
    query: QUERIES[action],
    statuses: STATUSES[action],
  };
}

const METHODS: Readonly<Record<Subresource['verbs'][number], Method>> = {
  create: 'post',
  delete: 'delete',
  get: 'get',
  patch: 'patch',
  update: 'put',
};

function subresourceOperations(kind: Kind, subresource: Subresource): readonly Operation[] {
  const named = responseKindOf(kind, subresource);
  const group = named.version === '' ? kind.group : named.group;
  const version = named.version === '' ? kind.version : named.version;
  const type = builtInSchemas.schemaOfKind(group, version, named.kind)?.typeName;
  const suffix = subresource.name.charAt(0).toUpperCase() + subresource.name.slice(1);
  return subresource.verbs.map((verb): Operation => {
    const base = operationOf(kind, METHODS[verb]);
    const body = bodyOf(base.action, type);
    return { ...base, id: `${base.id}${suffix}`, group, version, kind: named.kind, body, answer: type };
  });
}

function bodyOf(action: OperationAction, type: string | undefined): string | undefined {
  if (action === 'post' || action === 'put') return type;
  if (action === 'patch') return PATCH;
  return action === 'delete' || action === 'deletecollection' ? DELETE_OPTIONS : undefined;
}

/** `CoreV1`, `AppsV1`, `RbacAuthorizationV1` */
const idPart = ({ group, version }: Kind): string => capitalised(groupWords(group)) + capitalised([version]);
const tagOf = ({ group, version }: Kind): string => `${camel(groupWords(group))}_${version}`;

const groupWords = (group: string): readonly string[] =>
  group === '' ? ['core'] : group.replace(/\.k8s\.io$/, '').split('.');
const capitalised = (words: readonly string[]): string =>
  words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
const camel = ([first = '', ...rest]: readonly string[]): string => first + capitalised(rest);
