import type { Kind } from '../../machinery/kind.js';
import { builtInSchemas } from '../../machinery/schema/built-in-schemas.js';
import { RETURNING_PLURALS } from '../writes/object-deleter.js';
import {
  ANY_TYPE,
  DELETE_OPTIONS,
  idPart,
  OBJECT_TYPES,
  onObject,
  type Operation,
  PATCH,
  PATCH_TYPES,
  type Path,
  type ResourceAction,
  STATUS,
  STREAM_TYPES,
  tagOf,
  WATCH_EVENT,
} from './operation.js';
import { DELETE, DELETE_COLLECTION, LIST, NAMESPACE, type Parameter, PATCHES, PRETTY, WRITE } from './parameters.js';
import { subresourcePaths } from './subresource-paths.js';

const QUERIES: Readonly<Record<ResourceAction, readonly Parameter[]>> = {
  get: [],
  list: LIST,
  post: WRITE,
  put: WRITE,
  patch: PATCHES,
  delete: DELETE,
  deletecollection: DELETE_COLLECTION,
};
const STATUSES: Readonly<Record<ResourceAction, readonly number[]>> = {
  get: [200],
  list: [200],
  post: [200, 201, 202],
  put: [200, 201],
  patch: [200, 201],
  delete: [200, 202],
  deletecollection: [200],
};
const WORDS: Readonly<Record<ResourceAction, string>> = {
  get: 'read',
  list: 'list',
  post: 'create',
  put: 'replace',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

/** The paths of a kind: its collection, over all namespaces too, its objects and their subresources, and watches of all these. */
export function pathsOf(kind: Kind): readonly Path[] {
  const isNamespaced = kind.scope === 'Namespaced';
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const below = isNamespaced ? `/namespaces/{namespace}/${kind.plural}` : `/${kind.plural}`;
  const collection = root + below;
  const namespace = isNamespaced ? [NAMESPACE] : [];
  const on = (verb: Kind['verbs'][number], action: ResourceAction, path: readonly Parameter[]): readonly Operation[] =>
    kind.verbs.includes(verb) ? [resourceOperation(kind, action, path)] : [];
  const ofCollection = [...namespace, PRETTY];
  const ofObject = onObject(namespace);
  const paths: Path[] = [
    {
      path: collection,
      operations: [
        ...on('list', 'list', ofCollection),
        ...on('create', 'post', ofCollection),
        ...on('deletecollection', 'deletecollection', ofCollection),
      ],
    },
    {
      path: `${collection}/{name}`,
      operations: [
        ...on('get', 'get', ofObject),
        ...on('update', 'put', ofObject),
        ...on('delete', 'delete', ofObject),
        ...on('patch', 'patch', ofObject),
      ],
    },
    ...subresourcePaths(kind, `${collection}/{name}`, (action) => resourceOperation(kind, action, ofObject)),
  ];
  if (isNamespaced && kind.verbs.includes('list')) {
    const list = resourceOperation(kind, 'list', [PRETTY]);
    const id = `list${idPart(kind.group, kind.version)}${kind.kind}ForAllNamespaces`;
    // A list that takes no creations has all parameters said of its path.
    paths.push({ path: `${root}/${kind.plural}`, operations: [{ ...list, id }] });
  }
  return [...paths.filter(({ operations }) => operations.length > 0), ...watchPaths(kind, root, below)];
}

/** The Go type of a kind's list. */
export const listTypeOf = (listed: Kind): string | undefined => {
  const { group, version, kind, custom } = listed;
  return custom === undefined
    ? builtInSchemas.schemaOfKind(group, version, `${kind}List`)?.typeName
    : `${group}/${version}.${custom.listKind}`;
};

/** The type of a kind's objects: its Go type, or as good as one. */
export const typeOf = ({ group, version, kind, custom, type }: Kind): string =>
  custom === undefined ? type : `${group}/${version}.${kind}`;

function resourceOperation(kind: Kind, action: ResourceAction, path: readonly Parameter[]): Operation {
  const { group, version } = kind;
  const collection = action === 'deletecollection' ? 'Collection' : '';
  const scope = kind.scope === 'Namespaced' ? 'Namespaced' : '';
  return {
    method: action === 'list' ? 'get' : action === 'deletecollection' ? 'delete' : action,
    action,
    id: `${WORDS[action]}${idPart(group, version)}${collection}${scope}${kind.kind}`,
    tag: tagOf(group, version),
    about: { group, version, kind: kind.kind },
    body: bodyOf(kind, action),
    answer: answerOf(kind, action),
    parameters: [...path, ...QUERIES[action]],
    statuses: STATUSES[action],
    ...mediaTypesOf(kind, action),
  };
}

function mediaTypesOf({ custom }: Kind, action: ResourceAction): Pick<Operation, 'consumes' | 'produces'> {
  if (custom === undefined) {
    const produces = action === 'list' ? STREAM_TYPES : OBJECT_TYPES;
    return { consumes: action === 'patch' ? PATCH_TYPES : ANY_TYPE, produces };
  }
  return { consumes: action === 'patch' ? CUSTOM_PATCH_TYPES : CUSTOM_TYPES, produces: CUSTOM_TYPES };
}

/** Custom resources have neither protobuf nor merge keys. */
const CUSTOM_TYPES: readonly string[] = ['application/json', 'application/yaml'];
const CUSTOM_PATCH_TYPES = PATCH_TYPES.filter((each) => !each.includes('strategic'));

function bodyOf(kind: Kind, action: ResourceAction): string | undefined {
  if (action === 'post' || action === 'put') return typeOf(kind);
  if (action === 'patch') return PATCH;
  return action === 'delete' || action === 'deletecollection' ? DELETE_OPTIONS : undefined;
}

function answerOf(kind: Kind, action: ResourceAction): string | undefined {
  if (action === 'list') return listTypeOf(kind);
  if (action === 'deletecollection') return STATUS;
  if (action !== 'delete') return typeOf(kind);
  if (kind.custom !== undefined) return STATUS;
  // A namespace is answered with as well, but upstream does not say so.
  return RETURNING_PLURALS.includes(kind.plural) && kind.plural !== 'namespaces' ? kind.type : STATUS;
}

/** The older form of watches, by paths of their own. */
function watchPaths(kind: Kind, root: string, below: string): readonly Path[] {
  if (!kind.verbs.includes('watch') || kind.custom !== undefined) return [];
  const isNamespaced = kind.scope === 'Namespaced';
  const namespace = isNamespaced ? [NAMESPACE] : [];
  const named = (isNamespaced ? 'Namespaced' : '') + kind.kind;
  const watch = (action: 'watch' | 'watchlist', name: string, path: readonly Parameter[]): Operation => ({
    ...resourceOperation(kind, 'list', [...path, ...LIST]),
    action,
    id: `watch${idPart(kind.group, kind.version)}${name}`,
    answer: WATCH_EVENT,
    parameters: [...path, ...LIST],
  });
  const paths = [
    { path: `${root}/watch${below}`, operations: [watch('watchlist', `${named}List`, [...namespace, PRETTY])] },
    { path: `${root}/watch${below}/{name}`, operations: [watch('watch', named, onObject(namespace))] },
  ];
  if (!isNamespaced) return paths;
  const everywhere = watch('watchlist', `${kind.kind}ListForAllNamespaces`, [PRETTY]);
  return [...paths, { path: `${root}/watch/${kind.plural}`, operations: [everywhere] }];
}
