import { BodyMaker } from '../arbitrary-body.js';
import { Chance } from './chance.js';
import type { Endpoint } from './endpoints.js';
import { twisted } from './odd-text.js';
import type { RawRequest } from './raw-client.js';

const OFTEN = 0.8;
const SELDOM = 0.1;
/** Kinds that would make the server call something outside are never kept. */
const CALLING_OUT =
  /^(validatingwebhookconfigurations|mutatingwebhookconfigurations|apiservices|customresourcedefinitions)$/;
const NAMES = ['made-0', 'made-1', 'made-2', 'made-3'];
const ODD_NAMES = [
  'x'.repeat(300),
  'y'.repeat(9_000),
  '__proto__',
  'constructor',
  'a%2Fb',
  '..',
  '.',
  '%00',
  '%ff%fe',
  'ü',
  'A_B',
  'a;b',
  '%E0%A4%A',
  '*',
  '-',
  '%20',
  'a%0d%0ab',
];
const NAMESPACES = ['default', 'default', 'default', 'kube-system', 'absent', ...ODD_NAMES.slice(2)];
const PATCHES: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
];
const TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  'application/json; charset=utf-16',
  '*/*',
  '',
  ';;;',
];
const ACCEPTS = [
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf;stream=watch, application/json;q=0.1',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/yaml',
  'text/html',
  ';q=;',
  '*/*;as=Table',
];
const NUMBERS = ['0', '1', '-1', '500', '9223372036854775808', '1.5', 'abc', '', '%2B1', '1e3', ' 1'];
const FLAGS = ['true', 'false', '1', '0', '', 'yes', 'True'];
const SELECTORS = [
  'a=b',
  'a!=b',
  'a in (b,c)',
  '!a',
  'metadata.name=made-0',
  'status.phase!=Running',
  '=',
  'a==,',
  'in',
  '__proto__=1',
  'a,'.repeat(2_000),
];
const TOKENS = [
  'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0',
  'e30',
  'nonsense',
  'bnVsbA',
  'WzFd',
  '{"rv":-5}',
];
/** Parameters, and what they are given. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  limit: NUMBERS,
  continue: TOKENS,
  resourceVersion: NUMBERS,
  resourceVersionMatch: ['Exact', 'NotOlderThan', 'exact', ''],
  labelSelector: SELECTORS,
  fieldSelector: SELECTORS,
  timeoutSeconds: NUMBERS,
  timeout: ['1s', '5', '-1s', 'soon', '10000h'],
  allowWatchBookmarks: FLAGS,
  sendInitialEvents: FLAGS,
  pretty: FLAGS,
  dryRun: ['All', 'all', '', 'None'],
  fieldManager: ['fuzz', '', 'x'.repeat(200), '\u0001'],
  fieldValidation: ['Strict', 'Warn', 'Ignore', 'strict'],
  force: FLAGS,
  gracePeriodSeconds: NUMBERS,
  propagationPolicy: ['Background', 'Foreground', 'Orphan', 'orphan'],
  orphanDependents: FLAGS,
  includeObject: ['None', 'Object', 'Metadata', 'all'],
  container: ['app', '__proto__'],
  command: ['ls', ''],
  stdin: FLAGS,
  ports: ['80', '70000', 'x'],
  tailLines: NUMBERS,
  sinceSeconds: NUMBERS,
  sinceTime: ['2026-01-01T00:00:00Z', 'now'],
  follow: FLAGS,
  previous: FLAGS,
  limitBytes: NUMBERS,
  path: ['/', 'a/b', '../..'],
  watch: FLAGS,
  verbose: [''],
  ['__proto__']: ['1'],
};
const WATCHING = /[?&](watch|follow)=/;

/** One request to an endpoint; the same number and seed make the same one. */
export function requestTo(endpoint: Endpoint, root: string, seed: number): RawRequest {
  const chance = new Chance(seed);
  const name = chance.is(OFTEN) ? chance.pick(NAMES) : chance.pick(ODD_NAMES);
  const method = chance.is(SELDOM / 2)
    ? chance.pick(['HEAD', 'OPTIONS', 'PUT', 'TRACE', 'DELETE', 'PATCH'])
    : endpoint.method;
  const target = `${root}${pathOf(endpoint, name, chance)}${queryOf(endpoint, method, chance)}`;
  const accept = chance.is(OFTEN / 2) ? { accept: chance.pick(ACCEPTS) } : {};
  const isRead = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
  if (isRead || (method === 'DELETE' && chance.is(0.5))) return { method, target, headers: accept };
  const type = typeOf(method, chance);
  const text = JSON.stringify(bodyOf({ endpoint, method, type, name }, chance));
  const body = chance.is(0.3) ? twisted(text, chance) : text;
  const headers = { ...accept, ...(type === '' ? {} : { 'content-type': type }) };
  return { method, target, headers, body: Buffer.from(body) };
}

/** Whether a request may change the cluster: it is no question, and no trial. Options in a body overrule those beside it. */
export const mayChange = ({ method, target, body }: RawRequest): boolean =>
  !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method) &&
  ((method === 'DELETE' && body !== undefined) || !/[?&]dryRun=All(&|$)/.test(target));

export const isWatching = ({ target }: RawRequest): boolean => WATCHING.test(target);

function pathOf({ template }: Endpoint, name: string, chance: Chance): string {
  const namespace = chance.is(OFTEN) ? 'default' : chance.pick(NAMESPACES);
  return encodeURI(
    template
      .replace('{namespace}', () => namespace)
      .replace('{name}', () => name)
      .replace('{path}', () => 'a/b'),
  ).replaceAll('%25', '%');
}

function queryOf({ resource, action }: Endpoint, method: string, chance: Chance): string {
  const parts: string[] = CALLING_OUT.test(resource) && method !== 'GET' ? ['dryRun=All'] : [];
  if (method === 'PATCH' && chance.is(OFTEN)) parts.push('fieldManager=fuzz');
  const count = chance.is(0.5) ? 0 : 1 + chance.upTo(3);
  for (let added = 0; added < count; added++) {
    const parameter = chance.pick(Object.keys(PARAMETERS));
    // A request that streams takes longer than all others.
    if (['watch', 'follow'].includes(parameter) && !(action === 'list' && chance.is(SELDOM))) continue;
    const value = chance.pick(PARAMETERS[parameter] ?? ['']);
    parts.push(`${parameter}=${chance.is(OFTEN) ? encodeURIComponent(value) : encodeURI(value)}`);
  }
  if (chance.is(SELDOM / 4)) parts.push(chance.pick(['&&=&', 'a;b', '%zz=1', 'x'.repeat(5_000), '%00=%00']));
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function typeOf(method: string, chance: Chance): string {
  if (method === 'PATCH') return chance.is(0.95) ? chance.pick(PATCHES) : chance.pick(TYPES);
  return chance.is(OFTEN) ? 'application/json' : chance.pick(TYPES);
}

interface Wanted {
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly type: string;
  readonly name: string;
}

function bodyOf({ endpoint, method, type, name }: Wanted, chance: Chance): unknown {
  if (type === 'application/json-patch+json') return operations(endpoint, chance);
  if (method === 'DELETE') return deleteOptions(chance);
  const { schema, schemas, kind, apiVersion } = endpoint;
  const maker = new BodyMaker(schemas, chance.upTo(2 ** 32));
  const made = maker.make(schema) as { metadata?: object } | undefined;
  if (typeof made !== 'object' || made === null || chance.is(SELDOM / 2)) return made ?? null;
  const metadata = chance.is(0.15)
    ? made.metadata
    : { ...(chance.is(0.2) ? made.metadata : {}), name, namespace: undefined, resourceVersion: undefined };
  const types = chance.is(OFTEN) ? { kind, apiVersion } : {};
  return { ...made, ...types, metadata };
}

/** Operations on paths that are there more often than not. */
function operations({ schema, schemas }: Endpoint, chance: Chance): readonly unknown[] {
  const maker = new BodyMaker(schemas, chance.upTo(2 ** 32));
  const paths = [
    '/metadata/labels',
    '/metadata/annotations/a~1b',
    '/spec',
    '/status',
    '',
    '/',
    '/metadata/finalizers/-',
  ]
    .concat('/spec/replicas', '/data/a', '/spec/template/spec/containers/0', '/__proto__/polluted', '/metadata/name')
    .concat(
      '/metadata/finalizers/0',
      '/spec/ports/99999999999',
      '/spec/ports/-1',
      '/constructor/prototype/polluted',
      'x',
    );
  const count = chance.is(SELDOM / 10) ? 10_001 : chance.upTo(4);
  return Array.from({ length: count }, () => ({
    op: chance.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'toString', '']),
    path: chance.pick(paths),
    ...(chance.is(0.4) ? { from: chance.pick(paths) } : {}),
    ...(chance.is(OFTEN)
      ? { value: chance.is(0.5) ? chance.pick(['1', 1, null, {}, []]) : maker.make(schema, 9) }
      : {}),
  }));
}

const deleteOptions = (chance: Chance): unknown => ({
  ...(chance.is(0.5)
    ? { kind: 'DeleteOptions', apiVersion: chance.pick(['v1', 'meta.k8s.io/v1', 'apps/v1', 'x']) }
    : {}),
  ...(chance.is(0.4) ? { gracePeriodSeconds: chance.pick([0, 1, -1, 1e30, 'x', null]) } : {}),
  ...(chance.is(0.4) ? { propagationPolicy: chance.pick(['Background', 'Foreground', 'Orphan', 'x', 1]) } : {}),
  ...(chance.is(0.4) ? { preconditions: { uid: chance.pick(['x', null, 1]), resourceVersion: '1' } } : {}),
  ...(chance.is(0.2) ? { dryRun: chance.pick([['All'], ['None'], 'All', []]) } : {}),
});
