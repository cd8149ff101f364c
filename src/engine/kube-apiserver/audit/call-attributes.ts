import type { ApiCall } from '../../machinery/resource-api.port.js';
import { splitKey } from '../../machinery/object.js';
import type { AuthorizationAttributes } from '../authorizer.port.js';

/** What a component's call would be as a request over HTTP. */
export function callAttributes(call: ApiCall): AuthorizationAttributes {
  const { user, kind } = call;
  const { namespace = '', name, subresource } = targetOf(call);
  const { group, version, plural: resource } = kind;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const place = namespace === '' ? root : `${root}/namespaces/${namespace}`;
  const path = [place, resource, name, subresource].filter((part) => part !== '').join('/');
  const verb = call.verb === 'create-subresource' ? 'create' : call.verb;
  return { user, verb, group, version, resource, subresource, namespace, name, path, isResource: true };
}

interface CallTarget {
  readonly namespace: string | undefined;
  /** Empty for a collection. */
  readonly name: string;
  readonly subresource: string;
}

function targetOf(call: ApiCall): CallTarget {
  switch (call.verb) {
    case 'create':
      return { namespace: call.namespace, name: '', subresource: '' };
    case 'update': {
      const { namespace, name } = call.object.metadata;
      return { namespace, name, subresource: call.subresource ?? '' };
    }
    case 'patch':
    case 'create-subresource':
      return { ...splitKey(call.key), subresource: call.subresource ?? '' };
    case 'delete':
      return { ...splitKey(call.key), subresource: '' };
  }
}
