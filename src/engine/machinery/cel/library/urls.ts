import { goQuote } from '../../go-text.js';
import { BOOL, STRING, listOf, mapOf, opaque } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { Extension } from '../values/extension.js';
import { ArrayList } from '../values/list-value.js';
import { EntryMap, type MapValue } from '../values/map-value.js';
import type { Value } from '../values/value.js';
import { declare, member, overload, type FunctionDeclaration } from './function.js';

const URL_TYPE = opaque('kubernetes.URL');
const PARTS = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

class UrlValue extends Extension {
  override readonly type = URL_TYPE;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly #text: string;

  constructor(text: string) {
    super();
    const [, scheme = '', authority = '', path = '', query = ''] = PARTS.exec(text) ?? [];
    this.#text = text;
    this.scheme = scheme.toLowerCase();
    this.host = authority.slice(authority.lastIndexOf('@') + 1);
    this.path = path;
    this.query = query;
  }

  get hostname(): string {
    const bracket = /^\[(.*)\]/.exec(this.host);
    return bracket === null ? this.host.replace(/:\d*$/, '') : (bracket[1] ?? '');
  }

  get port(): string {
    return /:(\d*)$/.exec(this.host.replace(/^\[.*\]/, ''))?.[1] ?? '';
  }

  override equals(other: Value): boolean {
    return other instanceof UrlValue && this.#text === other.#text;
  }

  override text(): string {
    return this.#text;
  }
}

/** What Go's `url.ParseRequestURI` has against a text. */
export function urlFault(text: string): string | undefined {
  const fault = (why: string): string => `parse ${goQuote(text)}: ${why}`;
  if ([...text].some((each) => each < ' ' || each === '\u007f'))
    return fault('net/url: invalid control character in URL');
  if (text === '') return fault('empty url');
  if (text === '*') return undefined;
  if (text.startsWith(':')) return fault('missing protocol scheme');
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text);
  if (escape !== null) return fault(`invalid URL escape ${goQuote(escape[0])}`);
  const [, scheme, authority, path = ''] = PARTS.exec(text) ?? [];
  if (scheme === undefined && !path.startsWith('/') && authority === undefined) return fault('invalid URI for request');
  if (scheme !== undefined && authority === undefined && !path.startsWith('/')) return fault('invalid URI for request');
  const host = (authority ?? '').replace(/^.*@/, '');
  if (host.includes(' ')) return fault('invalid character " " in host name');
  const port = /:([^\]]*)$/.exec(host.replace(/^\[.*\]/, ''))?.[1];
  return port !== undefined && /\D/.test(port) ? fault(`invalid port ${goQuote(`:${port}`)} after host`) : undefined;
}

function parsed(text: string): UrlValue {
  const fault = urlFault(text);
  if (fault !== undefined) throw new CelError(`URL parse error during conversion from string: ${fault}`);
  return new UrlValue(text);
}

function queryOf({ query }: UrlValue): MapValue {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const [name = '', ...rest] = pair.split('=');
    const known = values.get(unescaped(name)) ?? [];
    values.set(unescaped(name), [...known, unescaped(rest.join('='))]);
  }
  const map = new EntryMap();
  for (const [name, each] of values) map.add(name, new ArrayList(each));
  return map;
}

const unescaped = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
const escapedPath = (path: string): string =>
  encodeURI(path.replace(/%[0-9a-fA-F]{2}/g, (each) => each)).replace(/%25([0-9a-fA-F]{2})/g, '%$1');

const reader = (name: string, read: (url: UrlValue) => string): FunctionDeclaration =>
  declare(
    name,
    member<readonly [UrlValue]>([URL_TYPE], STRING, ([url]) => read(url)),
  );

export const urls: readonly FunctionDeclaration[] = [
  declare(
    'url',
    overload<readonly [string]>([STRING], URL_TYPE, ([text]) => parsed(text)),
  ),
  declare(
    'isURL',
    overload<readonly [string]>([STRING], BOOL, ([text]) => urlFault(text) === undefined),
  ),
  reader('getScheme', ({ scheme }) => scheme),
  reader('getHost', ({ host }) => host),
  reader('getHostname', ({ hostname }) => hostname),
  reader('getPort', ({ port }) => port),
  reader('getEscapedPath', ({ path }) => escapedPath(path)),
  declare(
    'getQuery',
    member<readonly [UrlValue]>([URL_TYPE], mapOf(STRING, listOf(STRING)), ([url]) => queryOf(url)),
  ),
];
