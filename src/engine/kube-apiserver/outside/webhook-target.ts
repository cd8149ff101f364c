/** Where a webhook is: what upstream's client manager and service resolver make of its configuration. */
import { service as serviceKind } from '../../kinds/service.js';
import type { WebhookClientConfig } from '../../machinery/api/admissionregistration-v1.js';
import type { Service } from '../../machinery/api/core-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import type { OutsideEffects } from './outside-effects.js';

const PORT_PRESET = 443;

export interface WebhookTarget {
  /** As errors name it. */
  readonly shownUrl: string;
  /** Where it is called; `undefined` where it cannot be, and `fault` says why. */
  readonly url: string | undefined;
  readonly fault: string;
  readonly serverName: string | undefined;
}

export function webhookTarget(
  { url, service }: WebhookClientConfig,
  timeoutSeconds: number,
  { reader, outside }: { readonly reader: ResourceReader; readonly outside: OutsideEffects },
): WebhookTarget {
  const query = `?timeout=${timeoutSeconds}s`;
  if (service === undefined) {
    const [host, path] = splitUrl(url ?? '');
    const shownUrl = `${host}${cleanPath(path)}${query}`;
    return { shownUrl, url: shownUrl, fault: '', serverName: undefined };
  }
  const { namespace, name, path = '', port = PORT_PRESET } = service;
  const tail = `${cleanPath(path)}${query}`;
  const serverName = `${name}.${namespace}.svc`;
  const shown = { shownUrl: `https://${serverName}:${port}${tail}`, serverName };
  const mapped = outside.serviceUrl(`${namespace}/${name}`);
  if (mapped !== undefined) return { ...shown, url: `${mapped.replace(/\/$/, '')}${tail}`, fault: '' };
  const found = reader.get(serviceKind, `${namespace}/${name}`);
  return { ...shown, url: undefined, fault: unreachable(found, name, port) };
}

/** Scheme with authority, and path. */
function splitUrl(url: string): readonly [host: string, path: string] {
  const start = url.indexOf('/', url.indexOf('://') + '://'.length);
  return start < 0 ? [url, ''] : [url.slice(0, start), url.slice(start)];
}

/** As upstream's client joins what it is given (Go's `path.Join`): one slash first, none last, and none empty between. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** No packet leaves the simulation by itself: what is meant to answer is a pod in it, and pods run no programs. */
function unreachable(service: Service | undefined, name: string, port: number): string {
  if (service === undefined) return `service ${goQuote(name)} not found`;
  const { type, clusterIP = '', ports = [], externalName = '' } = service.spec ?? {};
  if (type === 'ExternalName') return `dial tcp: lookup ${externalName}: no such host`;
  if (clusterIP === 'None') return 'cannot route to service with ClusterIP "None"';
  if (!ports.some((each) => each.port === port)) return `no service port ${port} found for service ${goQuote(name)}`;
  return `dial tcp ${clusterIP}:${port}: connect: connection refused`;
}
