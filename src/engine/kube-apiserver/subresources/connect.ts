import { pod as podKind } from '../../kinds/pod.js';
import type { Service } from '../../machinery/api/core-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import { badRequest, notFound, serviceUnavailable, type StatusError } from '../../machinery/status-error.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import { keyOfTarget } from '../writes/handler-support.js';
import { checkNode, containerOf } from './container-choice.js';

const PROXY_NAME = /^(?:(https?):)?([^:]+)(?::([^:]*))?$/;
const PORT = /^\d+$/;

/** Whether the subresource is a connection to something that runs, for which plain requests are refused here. */
export const isConnection = (subresource: string): boolean =>
  ['attach', 'exec', 'portforward', 'proxy'].includes(subresource);

/**
 * Why a plain request for exec, attach, port forwarding or a proxied path is refused, in the order in which upstream looks.
 * Connections that switch protocols do not come this way.
 */
export function connectionRefusal(parts: ServerParts, context: ResourceRequest): StatusError {
  const { target, query } = context;
  if (target.subresource === 'proxy') return proxyRefusal(parts, context);
  const pod = parts.reader.get(podKind, keyOfTarget(target));
  if (pod === undefined) return notFound({ group: '', resource: 'pods' }, target.name ?? '');
  if (target.subresource === 'portforward') {
    const odd = query.all('ports').find((port) => !PORT.test(port));
    if (odd !== undefined) {
      return badRequest(`cannot convert to []int32: strconv.ParseUint: parsing ${goQuote(odd)}: invalid syntax`);
    }
  } else {
    containerOf(pod, query.get('container'));
  }
  if (pod.spec.nodeName === undefined || pod.spec.nodeName === '') {
    return badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  }
  checkNode(parts, pod);
  return badRequest('Upgrade request required');
}

function proxyRefusal({ reader }: ServerParts, { target }: ResourceRequest): StatusError {
  const { kind, name = '', namespace } = target;
  const parts = PROXY_NAME.exec(name);
  const host = parts?.[2];
  if (host === undefined) return badRequest(`invalid ${kind.kind.toLowerCase()} request ${goQuote(name)}`);
  const key = namespace === undefined ? host : `${namespace}/${host}`;
  const object = reader.get(kind, key);
  const isExternal = kind.plural === 'services' && (object as Service | undefined)?.spec?.type === 'ExternalName';
  if (object === undefined || isExternal) return notFound({ group: kind.group, resource: kind.plural }, host);
  if (kind.plural === 'services') return serviceUnavailable(`no endpoints available for service ${goQuote(name)}`);
  return badRequest('address not allowed');
}
