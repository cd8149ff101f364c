import { createApiHarness, type Json } from '../support/engine-harness.js';
import { openWatch } from '../support/engine-watch.js';

const META = ';v=v1;g=meta.k8s.io';
const TABLE = { accept: `application/json;as=Table${META}` };
const METADATA = { accept: `application/json;as=PartialObjectMetadata${META}` };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const NAMESPACE = '/api/v1/namespaces/default';
const MAPS = `${NAMESPACE}/configmaps`;
const PODS = `${NAMESPACE}/pods`;
const SECRETS = `${NAMESPACE}/secrets`;
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const INITIAL = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
const POD_SPEC = { containers: [{ name: 'c', image: 'i' }] };

const namesIn = ({ items }: Json): readonly string[] => items.map(({ metadata }: Json) => metadata.name);
const versionOf = ({ metadata }: Json): number => Number(metadata.resourceVersion);

function withMaps(...names: readonly string[]) {
  const harness = createApiHarness();
  for (const name of names) harness.request('POST', MAPS, { metadata: { name, labels: { is: name } } });
  return harness;
}

describe('resourceVersion', () => {
  it('is of one counter, whatever is written, read, listed or watched', () => {
    const harness = createApiHarness();
    const { request, store } = harness;
    const watch = openWatch(harness, `${MAPS}?resourceVersion=${store.revision}`);
    const written = [
      request('POST', MAPS, { metadata: { name: 'a' } }),
      request('POST', SECRETS, { metadata: { name: 'a' } }),
      request('POST', '/api/v1/nodes', { metadata: { name: 'a' } }),
      request('PATCH', `${MAPS}/a`, { data: { k: '1' } }, MERGE),
    ].map(({ json }) => versionOf(json));
    expect(written).toEqual([3, 2, 1, 0].map((back) => store.revision - back));
    expect(versionOf(request('GET', PODS).json)).toBe(store.revision);
    expect(versionOf(request('GET', `${MAPS}/a`).json)).toBe(written[3]);
    request('DELETE', `${MAPS}/a`);
    expect(watch.events().map(({ object }) => versionOf(object))).toEqual([written[0], written[3], store.revision]);
  });

  it('of Exact is that of the answer; NotOlderThan and none at all give what is newest', () => {
    const { request, store } = withMaps('a', 'b', 'c');
    const { revision } = store;
    const list = (query: string): readonly [number, number] => {
      const { json } = request('GET', `${MAPS}?${query}`);
      return [versionOf(json), json.items.length];
    };
    expect(list(`resourceVersion=${revision - 1}&resourceVersionMatch=Exact`)).toEqual([revision - 1, 2]);
    expect(list(`resourceVersion=${revision - 1}&resourceVersionMatch=NotOlderThan`)).toEqual([revision, 3]);
    expect(list(`resourceVersion=0&resourceVersionMatch=NotOlderThan`)).toEqual([revision, 3]);
    expect(list(`resourceVersion=0`)).toEqual([revision, 3]);
    expect(list('')).toEqual([revision, 3]);
  });

  it('that is still to come is a 504 with a cause that tells clients to try again', () => {
    const { request, store } = withMaps();
    const version = store.revision + 1_000;
    for (const query of ['', '&resourceVersionMatch=NotOlderThan', '&resourceVersionMatch=Exact']) {
      const { status, headers, json } = request('GET', `${MAPS}?resourceVersion=${version}${query}`);
      expect([status, json.reason, json.message]).toEqual([
        504,
        'Timeout',
        `Timeout: Too large resource version: ${version}, current: ${store.revision}`,
      ]);
      expect([headers['retry-after'], json.details]).toEqual([
        '1',
        {
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
          retryAfterSeconds: 1,
        },
      ]);
    }
  });

  it('does not go with a token to continue', () => {
    const { request } = withMaps('a', 'b');
    const { metadata } = request('GET', `${MAPS}?limit=1`).json;
    const answer = request('GET', `${MAPS}?limit=1&continue=${metadata.continue}&resourceVersion=2`);
    expect([answer.status, answer.json.message]).toEqual([
      400,
      'specifying resource version is not allowed when using continue',
    ]);
  });
});

describe('a chunked list', () => {
  it('is one snapshot in every form', () => {
    for (const headers of [{}, TABLE]) {
      const { request } = withMaps('a', 'b', 'c', 'd', 'e');
      const pages: Json[] = [];
      let token = '';
      do {
        const { json } = request('GET', `${MAPS}?limit=2&continue=${token}`, undefined, headers);
        pages.push(json);
        token = json.metadata.continue ?? '';
        request('DELETE', `${MAPS}/e`);
        request('POST', MAPS, { metadata: { name: `a${pages.length}` } });
      } while (token !== '');
      const found = pages.flatMap(({ items, rows }) => items ?? rows.map(({ object }: Json) => object));
      expect(found.map(({ metadata }: Json) => metadata.name)).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(pages.map(({ metadata }) => metadata.remainingItemCount)).toEqual([3, 1, undefined]);
      expect(new Set(pages.map(versionOf)).size).toBe(1);
    }
  });

  it('that expired says so, and how to go on', () => {
    const { request, store } = withMaps('a', 'b', 'c');
    const { metadata } = request('GET', `${MAPS}?limit=1`).json;
    request('POST', MAPS, { metadata: { name: 'd' } });
    store.compact(store.revision);
    const { status, json } = request('GET', `${MAPS}?limit=1&continue=${metadata.continue}`);
    expect([status, json.reason, json.message]).toEqual([
      410,
      'Expired',
      expect.stringMatching(/^The provided continue parameter is too old to display a consistent list result\./),
    ]);
    const rest = request('GET', `${MAPS}?continue=${json.metadata.continue}`).json;
    expect([namesIn(rest), versionOf(rest)]).toEqual([['b', 'c', 'd'], store.revision]);
  });
});

describe('a watch', () => {
  it('is in the order of all others, whatever they look at', () => {
    const harness = createApiHarness();
    const { request } = harness;
    const watches = [
      openWatch(harness, MAPS),
      openWatch(harness, '/api/v1/configmaps'),
      openWatch(harness, `${MAPS}?labelSelector=l`),
      openWatch(harness, MAPS, METADATA),
    ];
    for (const name of ['b', 'a', 'c']) request('POST', MAPS, { metadata: { name, labels: { l: '1' } } });
    request('PATCH', `${MAPS}/a`, { data: { k: '1' } }, MERGE);
    request('DELETE', `${MAPS}/b`);
    const expected = ['ADDED b', 'ADDED a', 'ADDED c', 'MODIFIED a', 'DELETED b'];
    for (const watch of watches) expect(watch.summary()).toEqual(expected);
  });

  it('turns what leaves a selection into DELETED, and what comes back into ADDED, by labels and by fields', () => {
    const harness = createApiHarness();
    const { request } = harness;
    const watch = openWatch(harness, `${PODS}?fieldSelector=status.phase%3DRunning`);
    request('POST', PODS, { metadata: { name: 'p' }, spec: POD_SPEC });
    for (const phase of ['Running', 'Failed', 'Running']) {
      request('PATCH', `${PODS}/p/status`, { status: { phase } }, MERGE);
    }
    expect(watch.summary()).toEqual(['ADDED p', 'DELETED p', 'ADDED p']);
    const [, left] = watch.events();
    expect(left?.object.status.phase).toBe('Running');
    expect(versionOf(left?.object)).toBeGreaterThan(versionOf(watch.events()[0]?.object));
  });

  it.each<[form: string, headers: Record<string, string>, kind: string]>([
    ['objects', {}, 'ConfigMap'],
    ['metadata', METADATA, 'PartialObjectMetadata'],
  ])('of %s ends its initial events by an annotated bookmark where that is asked for', (_form, headers, kind) => {
    const harness = withMaps('b', 'a');
    const watch = openWatch(harness, `${MAPS}?${INITIAL}`, headers);
    expect(watch.events().map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK']);
    expect(watch.events()[2]?.object).toMatchObject({
      kind,
      metadata: {
        resourceVersion: String(harness.store.revision),
        annotations: { 'k8s.io/initial-events-end': 'true' },
      },
    });
    harness.request('POST', MAPS, { metadata: { name: 'c' } });
    expect(watch.summary().at(-1)).toBe('ADDED c');
    expect(openWatch(harness, `${NAMESPACE}/events?${INITIAL}`).events()).toHaveLength(1);
  });

  it('has no bookmark unless bookmarks are allowed', () => {
    const harness = withMaps('a');
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    expect(openWatch(harness, `${MAPS}?${query}`).summary()).toEqual(['ADDED a']);
    expect(openWatch(harness, `${MAPS}?resourceVersion=0`).summary()).toEqual(['ADDED a']);
  });

  it('that begins too far back gets an ERROR with a 410 Status, and is over', () => {
    const harness = withMaps('a', 'b', 'c');
    harness.store.compact(harness.store.revision);
    const watch = openWatch(harness, `${MAPS}?resourceVersion=1`);
    expect([watch.events()[0], watch.isOver()]).toMatchObject([
      { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } },
      true,
    ]);
  });
});

describe('field selectors', () => {
  const harness = createApiHarness();
  const { request } = harness;
  const make = (path: string, name: string, body: Json): void => {
    const { status, text } = request('POST', path, { metadata: { name }, ...body });
    if (status !== 201) throw new Error(text);
  };
  const template = { spec: { ...POD_SPEC, restartPolicy: 'Never' } };
  make(PODS, 'x', {
    spec: { ...POD_SPEC, nodeName: 'n', restartPolicy: 'Never', schedulerName: 's', hostNetwork: true },
  });
  make(PODS, 'y', { spec: POD_SPEC });
  const report = (path: string, status: Json): void => {
    const answer = request('PATCH', `${path}/status`, { status }, MERGE);
    if (answer.status !== 200) throw new Error(answer.text);
  };
  report(`${PODS}/x`, { phase: 'Failed' });
  report(`${PODS}/y`, { nominatedNodeName: 'm' });
  make('/api/v1/nodes', 'x', { spec: { unschedulable: true } });
  make('/api/v1/nodes', 'y', {});
  make('/api/v1/namespaces', 'y', {});
  make(SECRETS, 'x', { type: 'example.com/x' });
  make(SECRETS, 'y', {});
  make(`${NAMESPACE}/services`, 'x', { spec: { clusterIP: 'None', ports: [{ port: 1 }] } });
  make(`${NAMESPACE}/services`, 'y', { spec: { type: 'ExternalName', externalName: 'example.com' } });
  make(JOBS, 'x', { spec: { template } });
  make(JOBS, 'y', { spec: { template } });
  report(`${JOBS}/y`, { succeeded: 1 });
  const labels = { a: 'b' };
  const replicas = { spec: { selector: labels, template: { metadata: { labels }, spec: POD_SPEC } } };
  make(`${NAMESPACE}/replicationcontrollers`, 'x', replicas);
  make(`${NAMESPACE}/replicationcontrollers`, 'y', replicas);
  report(`${NAMESPACE}/replicationcontrollers/y`, { replicas: 2 });
  make('/apis/resource.k8s.io/v1/resourceslices', 'x', {
    spec: { driver: 'd.example.com', nodeName: 'n', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } },
  });

  it.each<[path: string, selector: string, names: readonly string[]]>([
    [PODS, 'metadata.name=x', ['x']],
    [PODS, 'metadata.namespace!=default', []],
    [PODS, 'spec.nodeName=n', ['x']],
    [PODS, 'spec.nodeName=', ['y']],
    [PODS, 'spec.host=n', ['x']],
    [PODS, 'spec.restartPolicy=Never', ['x']],
    [PODS, 'spec.schedulerName=s', ['x']],
    [PODS, 'spec.serviceAccountName=default', ['x', 'y']],
    [PODS, 'spec.hostNetwork=true', ['x']],
    [PODS, 'status.phase=Failed', ['x']],
    [PODS, 'status.phase!=Failed,metadata.name!=z', ['y']],
    [PODS, 'status.podIP=', ['x', 'y']],
    [PODS, 'status.nominatedNodeName=m', ['y']],
    ['/api/v1/nodes', 'spec.unschedulable=true', ['x']],
    ['/api/v1/namespaces', 'status.phase=Active', ['default', 'y']],
    [SECRETS, 'type=example.com/x', ['x']],
    [SECRETS, 'type=Opaque', ['y']],
    [`${NAMESPACE}/services`, 'spec.type=ClusterIP', ['x']],
    [`${NAMESPACE}/services`, 'spec.clusterIP=None', ['x']],
    [JOBS, 'status.successful=1', ['y']],
    [`${NAMESPACE}/replicationcontrollers`, 'status.replicas=2', ['y']],
    ['/apis/resource.k8s.io/v1/resourceslices', 'spec.driver=d.example.com,spec.nodeName=n', ['x']],
  ])('%s by %s are %j, listed or watched', (path, selector, names) => {
    const query = `fieldSelector=${encodeURIComponent(selector)}`;
    expect(namesIn(request('GET', `${path}?${query}`).json)).toEqual(names);
    expect(openWatch(harness, `${path}?${query}`).summary()).toEqual(names.map((name) => `ADDED ${name}`));
  });

  const unknown = (field: string): string =>
    `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
  it.each([
    [PODS, 'spec.image=i', 'field label not supported: spec.image'],
    ['/api/v1/nodes', 'metadata.namespace=x', 'field label not supported: metadata.namespace'],
    [JOBS, 'spec.suspend=true', 'field label "spec.suspend" not supported for Job'],
    [MAPS, 'data=x', unknown('data')],
    ['/api/v1/persistentvolumes', 'name=x', unknown('name')],
    [`${NAMESPACE}/persistentvolumeclaims`, 'name=x', unknown('name')],
    ['/apis/apps/v1/replicasets', 'status.replicas=0', unknown('status.replicas')],
  ])('%s by %s are refused', (path, selector, message) => {
    for (const watch of ['', '&watch=1']) {
      const answer = request('GET', `${path}?fieldSelector=${encodeURIComponent(selector)}${watch}`);
      expect([answer.status, answer.json.message]).toEqual([400, message]);
    }
  });
});
