import { genericMethodNotAllowed, genericNotFound } from '../machinery/status-error.js';
import { asksToWatch } from './reads/list-options.js';
import { customVerb } from './custom-resources/custom-verb.js';
import type { ResourceRequest } from './request-context.js';

export type RequestVerb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** What a method means on a resource's path. @throws StatusError 404, 405 */
export function verbOf(context: ResourceRequest): RequestVerb {
  const { target } = context;
  if (target.kind.custom !== undefined) return customVerb(context);
  if (target.subresource !== undefined) return subresourceVerb(context, target.subresource);
  const verb = target.name === undefined ? collectionVerb(context) : objectVerb(context);
  if (verb === undefined || !target.kind.verbs.includes(verb)) throw genericMethodNotAllowed();
  return verb;
}

function collectionVerb({ request: { method }, target, query }: ResourceRequest): RequestVerb | undefined {
  if (target.isWatchPath) return method === 'GET' ? 'watch' : undefined;
  const isAllNamespaces = target.kind.scope === 'Namespaced' && target.namespace === undefined;
  switch (method) {
    case 'GET':
      return asksToWatch(query) ? 'watch' : 'list';
    case 'POST':
      return isAllNamespaces ? undefined : 'create';
    case 'DELETE':
      return isAllNamespaces ? undefined : 'deletecollection';
    default:
      return undefined;
  }
}

function objectVerb({ request: { method }, target }: ResourceRequest): RequestVerb | undefined {
  // Kinds that are only created, such as reviews, have no paths below the collection.
  if (!target.kind.verbs.some((verb) => ['get', 'update', 'patch', 'delete'].includes(verb))) throw genericNotFound();
  if (target.isWatchPath) return method === 'GET' ? 'watch' : undefined;
  return methodVerb(method);
}

function subresourceVerb({ request: { method }, target }: ResourceRequest, subresource: string): RequestVerb {
  const definition = target.kind.subresources?.find(({ name }) => name === subresource);
  // Whatever reaches a proxy is passed on.
  if (subresource === 'proxy') return methodVerb(method) ?? (method === 'POST' ? 'create' : 'get');
  const verb = method === 'POST' ? 'create' : methodVerb(method);
  if (verb === undefined || definition?.verbs.some((each) => each === verb) !== true) throw genericMethodNotAllowed();
  return verb;
}

function methodVerb(method: string): 'get' | 'update' | 'patch' | 'delete' | undefined {
  switch (method) {
    case 'GET':
      return 'get';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
    default:
      return undefined;
  }
}
