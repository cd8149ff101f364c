import { textCodec as text } from '../../../../test/support/engine-harness.js';
import { instant, seconds } from '../../kernel/clock.js';
import { EventLoop } from '../../kernel/event-loop.js';
import { Random } from '../../kernel/random.js';
import { Store } from '../../etcd/store.js';
import { configMap } from '../../kinds/config-map.js';
import { lease } from '../../kinds/lease.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';
import { kinds } from '../../kinds/registry.js';
import { secret } from '../../kinds/secret.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { Lease } from '../../machinery/api/coordination-v1.js';
import { StatusError } from '../../machinery/status-error.js';
import { clusterAdministrator } from '../../machinery/user.js';
import { Answers } from '../answers.js';
import type { HeartbeatSource } from '../heartbeats.port.js';
import { KindRegistry, KindTable } from '../kind-registry.js';
import { Query } from '../query.js';
import type { RequestContext, ResourceRequest } from '../request-context.js';
import { type OtherTarget, route } from '../routing.js';
import { ResourceStorage } from '../storage/resource-storage.js';
import type { StoredObject } from '../storage/stored-object.js';
import { Reads } from './reads.js';

const START = instant(Date.UTC(2026, 0, 1));
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

function server(heartbeats?: HeartbeatSource) {
  const simulation = new EventLoop(START, Random.seeded(1));
  const store = new Store<StoredObject>();
  const storage = new ResourceStorage(store, text);
  const registry = new KindRegistry(new KindTable(kinds));
  const answers = new Answers({ text, now: () => simulation.now, revision: () => storage.revision });
  const reads = new Reads({ storage, registry, simulation, text, answers, heartbeats });

  const put = (kind: Kind, name: string, more: { labels?: Record<string, string>; [key: string]: unknown } = {}) => {
    const { labels, ...content } = more;
    const namespace = kind.scope === 'Namespaced' ? { namespace: 'default' } : {};
    const metadata = { name, ...namespace, creationTimestamp: '2026-01-01T00:00:00Z', ...(labels ? { labels } : {}) };
    const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
    const object = { kind: kind.kind, apiVersion, metadata, ...content } as unknown as KubeObject;
    const key = namespace.namespace === undefined ? name : `default/${name}`;
    return storage.write(kind, { object, expectedRevision: storage.get(kind, key)?.modRevision ?? 0 })!;
  };
  const get = (pathAndQuery: string, headers: Record<string, string> = {}) => {
    const [path = '', query = ''] = pathAndQuery.split('?');
    const request = { method: 'GET', path, query, headers, body: new Uint8Array(), user: clusterAdministrator };
    const target = route(path, registry);
    const context = { request, query: new Query(query), target, user: clusterAdministrator, warnings: [] };
    try {
      const response =
        target.type !== 'resource'
          ? reads.other(context as RequestContext<OtherTarget>)
          : target.name === undefined
            ? reads.list(context as ResourceRequest)
            : reads.get(context as ResourceRequest);
      return { ...response, ...contentOf(response.body) };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const response = answers.error(context, error);
      return { ...response, ...contentOf(response.body) };
    }
  };
  return { simulation, store, storage, put, get };
}

/** What the tests look into; which of it an answer has is what they are about. */
interface AnswerJson {
  readonly kind: string;
  readonly apiVersion?: string;
  readonly message?: string;
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubeObject[] | null;
  readonly status: { readonly conditions?: unknown };
  readonly paths: readonly string[];
}

function contentOf(parts: readonly Uint8Array[]) {
  const body = parts.map((part) => text.decode(part)).join('');
  return { raw: body, json: (body.startsWith('{') ? JSON.parse(body) : {}) as AnswerJson };
}
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

describe('get', () => {
  it('gives the stored bytes', () => {
    const { put, get } = server();
    put(configMap, 'a', { data: { k: 'v' } });
    const answer = get(`${CONFIG_MAPS}/a`);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.raw).toBe(
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"default","creationTimestamp":"2026-01-01T00:00:00Z","resourceVersion":"2"},"data":{"k":"v"}}\n',
    );
  });

  it('says what is missing', () => {
    const { get } = server();
    expect(get(`${CONFIG_MAPS}/a`).json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "a" not found',
      reason: 'NotFound',
      details: { name: 'a', kind: 'configmaps' },
      code: 404,
    });
  });

  it('refuses a revision that is none with 500, and one to come with 504', () => {
    const { put, get } = server();
    put(configMap, 'a');
    expect(get(`${CONFIG_MAPS}/a?resourceVersion=abc`).json).toMatchObject({
      code: 500,
      message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    });
    const answer = get(`${CONFIG_MAPS}/a?resourceVersion=9000000000000000`);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json).toMatchObject({
      code: 504,
      message: 'Timeout: Too large resource version: 9000000000000000, current: 2',
      details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] },
    });
  });

  it('gives metadata alone', () => {
    const { put, get } = server();
    put(configMap, 'a', { data: { k: 'v' } });
    expect(get(`${CONFIG_MAPS}/a`, { accept: METADATA }).json).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'a' },
    });
    expect(get(`${CONFIG_MAPS}/a`, { accept: METADATA_LIST }).json.message).toBe(
      'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
    );
  });

  it('gives a table', () => {
    const { put, get, simulation } = server();
    put(secret, 'a', { type: 'Opaque', data: { k: 'dg==' } });
    simulation.run((START + seconds(125)) as typeof START, () => true);
    expect(get('/api/v1/namespaces/default/secrets/a?includeObject=None', { accept: TABLE }).json).toMatchObject({
      kind: 'Table',
      metadata: { resourceVersion: '2' },
      columnDefinitions: [
        { name: 'Name', format: 'name', priority: 0 },
        { name: 'Type' },
        { name: 'Data' },
        { name: 'Age' },
      ],
      rows: [{ cells: ['a', 'Opaque', 1, '2m5s'], object: null }],
    });
    expect(get('/api/v1/namespaces/default/secrets/a?includeObject=none', { accept: TABLE }).json.message).toBe(
      "Unable to convert to Table as requested: includeObject: Invalid value: \"none\": must be 'Metadata', 'Object', 'None', or empty",
    );
  });
});

describe('list', () => {
  const namesOf = (answer: { json: AnswerJson }) => (answer.json.items ?? []).map((each) => each.metadata.name);
  const filled = (names = ['b', 'a-1', 'a', 'a.b', 'c', 'a0']) => {
    const made = server();
    for (const name of names) made.put(configMap, name, { labels: { h: name.startsWith('a') ? 'x' : 'y' } });
    return made;
  };

  it('joins stored bytes without their types, in key order', () => {
    const { get } = filled(['b', 'a']);
    const answer = get(CONFIG_MAPS);
    expect(answer.json).toEqual({
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '3' },
      items: [
        { metadata: expect.objectContaining({ name: 'a', resourceVersion: '3' }) },
        { metadata: expect.objectContaining({ name: 'b', resourceVersion: '2' }) },
      ],
    });
    expect(get('/api/v1/configmaps?labelSelector=nosuch').raw).toBe(
      '{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"3"},"items":[]}\n',
    );
  });

  it('pages through one snapshot with exact counts', () => {
    const { get, put, storage } = filled();
    const first = get(`${CONFIG_MAPS}?limit=2`);
    expect(namesOf(first)).toEqual(['a', 'a-1']);
    expect(first.json.metadata).toMatchObject({ resourceVersion: '7', remainingItemCount: 4 });
    storage.remove(configMap, { key: 'default/a0', expectedRevision: 7 });
    put(configMap, 'a-2');
    const second = get(`${CONFIG_MAPS}?limit=2&continue=${first.json.metadata.continue}`);
    expect(namesOf(second)).toEqual(['a.b', 'a0']);
    expect(second.json.metadata).toMatchObject({ resourceVersion: '7', remainingItemCount: 2 });
    const third = get(`${CONFIG_MAPS}?limit=2&continue=${second.json.metadata.continue}`);
    expect(namesOf(third)).toEqual(['b', 'c']);
    expect(third.json.metadata).toEqual({ resourceVersion: '7' });
  });

  it('goes on inconsistently when the snapshot is gone', () => {
    const { get, put, store } = filled();
    const { json } = get(`${CONFIG_MAPS}?limit=1`);
    put(configMap, 'd');
    store.compact(8);
    const expired = get(`${CONFIG_MAPS}?limit=1&continue=${json.metadata.continue}`);
    expect(expired.json).toMatchObject({ code: 410, reason: 'Expired' });
    expect(expired.json.message).toContain('too old to display a consistent list result');
    const rest = get(`${CONFIG_MAPS}?limit=1&continue=${expired.json.metadata.continue}`);
    expect(namesOf(rest)).toEqual(['a-1']);
    expect(rest.json.metadata).toMatchObject({ resourceVersion: '8', remainingItemCount: 5 });
  });

  it('counts nothing and still goes on where a selector chooses', () => {
    const { get } = filled();
    const first = get(`${CONFIG_MAPS}?labelSelector=h%3Dy&limit=1`);
    expect(namesOf(first)).toEqual(['b']);
    expect(first.json.metadata.remainingItemCount).toBeUndefined();
    expect(namesOf(get(`${CONFIG_MAPS}?labelSelector=h%3Dy&limit=1&continue=${first.json.metadata.continue}`))).toEqual(
      ['c'],
    );
  });

  it('reads the past where it is named exactly, and ignores a limit at revision 0', () => {
    const { get } = filled();
    expect(namesOf(get(`${CONFIG_MAPS}?resourceVersion=3&resourceVersionMatch=Exact`))).toEqual(['a-1', 'b']);
    expect(namesOf(get(`${CONFIG_MAPS}?resourceVersion=3&limit=1`))).toEqual(['a-1']);
    expect(namesOf(get(`${CONFIG_MAPS}?resourceVersion=3`))).toHaveLength(6);
    expect(namesOf(get(`${CONFIG_MAPS}?resourceVersion=0&limit=2`))).toHaveLength(6);
  });

  it.each([
    ['limit=abc', 400, 'strconv.ParseInt: parsing "abc": invalid syntax'],
    ['limit=99999999999999999999', 400, 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
    [
      'continue=abc',
      400,
      "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value",
    ],
    ['continue=!!!', 400, 'invalid continue token: continue key is not valid: illegal base64 data at input byte 0'],
    [
      'continue=e30',
      400,
      'invalid continue token: continue key is not valid: server does not recognize this encoded version ',
    ],
    [
      'continue=WzFd',
      400,
      'invalid continue token: continue key is not valid: json: cannot unmarshal array into Go value of type storage.continueToken',
    ],
    [
      'continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiIuLi8uLi94In0',
      400,
      'invalid continue token: continue key is not valid: ../../x',
    ],
    [
      'resourceVersion=abc',
      400,
      'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    ],
    ['resourceVersion=99', 504, 'Timeout: Too large resource version: 99, current: 7'],
    [
      'resourceVersionMatch=Exact',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersion=0&resourceVersionMatch=Exact',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      'sendInitialEvents=true',
      422,
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    ],
    ['fieldSelector=data%3Dx', 400, '"data" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    ['labelSelector=a%20b', 400, "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ])('refuses %s', (query, code, message) => {
    const { get } = filled();
    expect(get(`${CONFIG_MAPS}?${query}`).json).toMatchObject({ code, message });
  });

  it('answers 410 for a revision that is compacted', () => {
    const { get, store } = filled();
    store.compact(7);
    expect(get(`${CONFIG_MAPS}?resourceVersion=3&resourceVersionMatch=Exact`).json).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: 'The resourceVersion for the provided list is too old.',
    });
  });

  it("selects by a kind's own fields, and names the field that it lacks", () => {
    const { get, put } = server();
    put(pod, 'a', { spec: { nodeName: 'worker-1', containers: [] } });
    put(pod, 'b', { spec: { containers: [] } });
    expect(namesOf(get('/api/v1/pods?fieldSelector=spec.nodeName%3Dworker-1'))).toEqual(['a']);
    expect(namesOf(get('/api/v1/pods?fieldSelector=metadata.name!%3Da,metadata.namespace%3Ddefault'))).toEqual(['b']);
    expect(get('/api/v1/pods?fieldSelector=spec.containers%3Dx').json.message).toBe(
      'field label not supported: spec.containers',
    );
    expect(get('/api/v1/nodes?fieldSelector=metadata.namespace%3Dx').json.message).toBe(
      'field label not supported: metadata.namespace',
    );
  });

  it('gives metadata and tables of lists', () => {
    const { get } = filled();
    expect(get(`${CONFIG_MAPS}?limit=1`, { accept: METADATA_LIST }).json).toMatchObject({
      kind: 'PartialObjectMetadataList',
      metadata: { remainingItemCount: 5 },
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
    });
    expect(get(`${CONFIG_MAPS}?labelSelector=none`, { accept: METADATA_LIST }).json.items).toBeNull();
    expect(get(CONFIG_MAPS, { accept: METADATA }).json.message).toBe(
      'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
    );
    expect(get(`${CONFIG_MAPS}?limit=5`, { accept: TABLE }).json).toMatchObject({
      metadata: { remainingItemCount: 1 },
      rows: expect.arrayContaining([expect.objectContaining({ cells: ['b', 0, '0s'] })]),
    });
  });
});

describe('derived heartbeats', () => {
  const beat = instant(START + 60_000);
  const heartbeats: HeartbeatSource = {
    leaseRenewTime: (_namespace, name) => (name === 'worker-1' ? beat : undefined),
    nodeHeartbeat: (name) => (name === 'worker-1' ? beat : undefined),
  };

  it('show in leases and nodes of the healthy, and are not stored', () => {
    const { get, put, storage } = server(heartbeats);
    put(lease, 'worker-1', { spec: { renewTime: '2026-01-01T00:00:00.000000Z' } });
    put(lease, 'worker-2', { spec: { renewTime: '2026-01-01T00:00:00.000000Z' } });
    put(node, 'worker-1', {
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'NetworkUnavailable', status: 'False' },
        ],
      },
    });
    const leases = get('/apis/coordination.k8s.io/v1/leases').json.items as readonly Lease[];
    expect(leases.map((each) => each.spec?.renewTime)).toEqual([
      '2026-01-01T00:01:00.000000Z',
      '2026-01-01T00:00:00.000000Z',
    ]);
    expect(get('/api/v1/nodes/worker-1').json.status.conditions).toEqual([
      { type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T00:01:00Z' },
      { type: 'NetworkUnavailable', status: 'False' },
    ]);
    expect(storage.object(lease, 'default/worker-1')?.spec?.renewTime).toBe('2026-01-01T00:00:00.000000Z');
  });
});

describe('documents', () => {
  const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

  it('give discovery in the form that is asked for, with a tag', () => {
    const { get } = server();
    const answer = get('/apis', { accept: `application/json,${AGGREGATED}` });
    expect(answer.headers).toMatchObject({ 'content-type': AGGREGATED, vary: 'Accept' });
    expect(answer.json.kind).toBe('APIGroupDiscoveryList');
    const again = get('/apis', { accept: AGGREGATED, 'if-none-match': String(answer.headers['etag']) });
    expect([again.status, again.raw]).toEqual([304, '']);
    expect(get('/apis').json.kind).toBe('APIGroupList');
    expect(get('/apis/', { accept: AGGREGATED }).status).toBe(406);
    expect(get('/apis', { accept: AGGREGATED.replace('v2', 'v2beta1') }).status).toBe(406);
    expect(get('/apis/apps/v1').json).toMatchObject({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'apps/v1',
    });
    expect(get('/api/v1').json.apiVersion).toBeUndefined();
  });

  it('tell the version, and that all is well', () => {
    const { get } = server();
    expect(get('/version').json).toMatchObject({ gitVersion: 'v1.35.2', minor: '35' });
    expect(get('/version', { accept: 'application/yaml' }).raw).toBe(
      'apiVersion: v1\ncode: 406\ndetails: {}\nkind: Status\nmessage: |-\n  406: Not Acceptable\n\n  Available representations: application/json\nmetadata: {}\nreason: NotAcceptable\nstatus: Failure\n',
    );
    expect(get('/livez').raw).toBe('ok');
    expect([get('/livez/').status, get('/readyz/ping/').raw]).toEqual([404, '404 page not found\n']);
    expect(get('/').json.paths).toContain('/apis/apps/v1');
  });
});
