/** Where a webhook is: the rules that admission, conversion and aggregation share. Mirrors `util/webhook/validation.go`. */
import { invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123SubdomainFaults, inclusiveRangeMessage } from '../../machinery/names.js';

const FORM = '; desired format: https://host[/path]';
const PORT_MAX = 65_535;
const URL_PARTS = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

interface ClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
}

export function checkClientConfig(report: Report, path: string, { url, service }: ClientConfig): void {
  if ((url === undefined) === (service === undefined)) {
    report(required(path, 'exactly one of url or service is required'));
  } else if (url !== undefined) {
    checkWebhookUrl(report, `${path}.url`, url);
  } else if (service !== undefined) {
    checkService(report, `${path}.service`, service);
  }
}

export function checkWebhookUrl(report: Report, path: string, url: string): void {
  const fault = urlFault(url);
  if (fault !== undefined) {
    report(required(path, `url must be a valid URL: parse ${JSON.stringify(url)}: ${fault}${FORM}`));
    return;
  }
  const [, scheme = '', authority = '', , query = '', fragment = ''] = URL_PARTS.exec(url) ?? [];
  const at = authority.lastIndexOf('@');
  if (scheme.toLowerCase() !== 'https') {
    report(invalid(path, scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`));
  }
  if (authority.slice(at + 1) === '') report(invalid(path, '', `host must be specified${FORM}`));
  if (at >= 0) report(invalid(path, authority.slice(0, at), 'user information is not permitted in the URL'));
  if (fragment !== '') report(invalid(path, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') report(invalid(path, query, 'query parameters are not permitted in the URL'));
}

/** Go's words for the commonest texts that are no URL. */
function urlFault(url: string): string | undefined {
  if ([...url].some(isControl)) return 'net/url: invalid control character in URL';
  if (url.startsWith(':')) return 'missing protocol scheme';
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(url);
  if (escape !== null) return `invalid URL escape ${JSON.stringify(escape[0])}`;
  const host = URL_PARTS.exec(url)?.[2]?.replace(/^.*@/, '') ?? '';
  if (host.includes(' ')) return 'invalid character " " in host name';
  const port = /:([^\]]*)$/.exec(host)?.[1];
  return port !== undefined && /\D/.test(port) ? `invalid port ${JSON.stringify(`:${port}`)} after host` : undefined;
}

/** Upstream mixes the two names up: an empty namespace is reported at `name`, an empty name at `namespace`. */
function checkService(report: Report, path: string, service: NonNullable<ClientConfig['service']>): void {
  const { namespace, name, port = 0 } = service;
  if (namespace === '') report(required(`${path}.name`));
  if (name === '') report(required(`${path}.namespace`));
  if (port < 1 || port > PORT_MAX) {
    report(invalid(`${path}.port`, port, `port is not valid: ${inclusiveRangeMessage(1, PORT_MAX)}`));
  }
  if (service.path !== undefined) checkPath(report, `${path}.path`, service.path);
}

function checkPath(report: Report, path: string, value: string): void {
  if (value === '' || value === '/') return;
  if (value === '//') {
    report(invalid(path, value, 'segment[0] may not be empty'));
    return;
  }
  if (!value.startsWith('/')) report(invalid(path, value, "must start with a '/'"));
  const steps = value.slice(1).replace(/\/$/, '').split('/');
  for (const [index, step] of steps.entries()) {
    if (step === '') report(invalid(path, value, `segment[${index}] may not be empty`));
    else for (const fault of dns1123SubdomainFaults(step)) report(invalid(path, value, `segment[${index}]: ${fault}`));
  }
}

const isControl = (character: string): boolean => character < ' ' || character === '\u007f';
