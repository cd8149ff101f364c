import { createApiHarness, textCodec, type Json } from '../../../../test/support/engine-harness.js';
import { clusterAdministrator } from '../../machinery/user.js';
import type { OutsideResult, OutsideWorld } from '../outside/outside-effect.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const DEFINITION = `${DEFINITIONS}/boxes.example.com`;
const MERGE = { 'content-type': 'application/merge-patch+json' };
const boxes = (version: string, name = ''): string =>
  `/apis/example.com/${version}/namespaces/default/boxes${name === '' ? '' : `/${name}`}`;

/** `v1` says `host: a:1`, `v2` says `host: a, port: 1`. */
const SCHEMAS: Readonly<Record<string, object>> = {
  v1: { host: { type: 'string' } },
  v2: { host: { type: 'string' }, port: { type: 'string' }, preset: { type: 'string', default: 'p' } },
};

function versionsOf(stored: string): object[] {
  return Object.entries(SCHEMAS).map(([name, properties]) => ({
    name,
    served: true,
    storage: name === stored,
    schema: { openAPIV3Schema: { type: 'object', properties } },
    selectableFields: [{ jsonPath: '.host' }],
  }));
}

function converted(object: Json, apiVersion: string): Json {
  const { host = '', port, preset: _preset, ...rest } = object;
  if (apiVersion.endsWith('v2')) {
    const [name, number = ''] = host.split(':');
    return { ...rest, apiVersion, host: name, port: number };
  }
  return { ...rest, apiVersion, host: `${host}:${port}` };
}

const converts = (request: Json): Json => ({
  result: { status: 'Success' },
  convertedObjects: request.objects.map((each: Json) => converted(each, request.desiredAPIVersion)),
});

/** A cluster with a definition whose webhook is a function; what it is asked is kept. */
function clusterWith(stored = 'v1', reviewVersions: readonly string[] = ['v1']) {
  const asked: string[] = [];
  const held: (() => void)[] = [];
  const state: { answer: (request: Json) => Json; isHeld: boolean } = { answer: converts, isHeld: false };
  const outside: OutsideWorld = {
    serviceUrl: () => undefined,
    perform({ id, payload }) {
      const { apiVersion, kind, request } = JSON.parse(textCodec.decode(payload.body)) as Json;
      asked.push(`${request.desiredAPIVersion.slice(-2)} ${request.objects.map((each: Json) => each.metadata.name)}`);
      const given = state.answer(request);
      const review = { apiVersion, kind, response: { uid: request.uid, ...given }, ...given.review };
      const result: OutsideResult =
        given.fault === undefined
          ? { status: given.code ?? 200, body: textCodec.encode(given.body ?? JSON.stringify(review)) }
          : { fault: given.fault };
      const settle = (): void => harness.server.outside.settle(id, result);
      if (state.isHeld) held.push(settle);
      else settle();
    },
  };
  const harness = createApiHarness({ outside });
  const { request, loop } = harness;
  const names = { plural: 'boxes', singular: 'box', kind: 'Box', listKind: 'BoxList' };
  const webhook = { clientConfig: { url: 'https://127.0.0.1:9/convert' }, conversionReviewVersions: reviewVersions };
  const conversion = { strategy: 'Webhook', webhook };
  const spec = { group: 'example.com', scope: 'Namespaced', names, versions: versionsOf(stored), conversion };
  expect(request('POST', DEFINITIONS, { metadata: { name: 'boxes.example.com' }, spec }).status).toBe(201);
  loop.run(loop.now, () => true);
  const box = (version: string, name: string, more: object): Json => ({
    apiVersion: `example.com/${version}`,
    kind: 'Box',
    metadata: { name },
    ...more,
  });
  const create = (version: string, name: string, more: object) =>
    request('POST', boxes(version), box(version, name, more));
  const store = (stored: string): void => {
    expect(request('PATCH', DEFINITION, { spec: { versions: versionsOf(stored) } }, MERGE).status).toBe(200);
    loop.run(loop.now, () => true);
  };
  const asks = (): string[] => asked.splice(0);
  return { ...harness, state, held, asks, create, box, store };
}

describe('a conversion webhook', () => {
  it('makes what is stored of what is sent, and what is shown of what is stored', () => {
    const { create, request, asks } = clusterWith();
    const { status, json } = create('v2', 'one', { host: 'a', port: '1' });
    expect([status, json.apiVersion, json.host, json.port]).toEqual([201, 'example.com/v2', 'a', '1']);
    expect(asks()).toEqual(['v1 one', 'v2 one']);
    expect(request('GET', boxes('v1', 'one')).json.host).toBe('a:1');
    expect(asks()).toEqual([]);
    expect(request('GET', boxes('v2', 'one')).json).toMatchObject({ host: 'a', port: '1' });
    expect(asks()).toEqual(['v2 one']);
  });

  it('is asked once for all objects of a list, and not again for what it made', () => {
    const { create, request, asks } = clusterWith();
    for (const name of ['a', 'b', 'c']) create('v1', name, { host: `${name}:1` });
    expect(asks()).toEqual([]);
    const hosts = (query: string): string[] =>
      request('GET', `${boxes('v2')}?${query}`).json.items.map(({ host, port }: Json) => `${host} ${port}`);
    expect(hosts('limit=2')).toEqual(['a 1', 'b 1']);
    expect(asks()).toEqual(['v2 a,b']);
    expect(hosts('')).toEqual(['a 1', 'b 1', 'c 1']);
    expect(hosts('fieldSelector=host%3Db')).toEqual(['b 1']);
    expect(asks()).toEqual(['v2 c']);
  });

  it('sees each object as its own version has it', () => {
    const { create, request, state } = clusterWith('v2');
    create('v2', 'one', { host: 'a', port: '1' });
    let seen: Json;
    state.answer = (asked) => {
      [seen] = asked.objects;
      return converts(asked);
    };
    expect(request('GET', boxes('v1', 'one')).json).not.toHaveProperty('preset');
    expect(seen).toMatchObject({ apiVersion: 'example.com/v2', preset: 'p' });
  });

  it('is asked for updates, patches and a dry run both ways', () => {
    const { create, request, asks } = clusterWith();
    create('v1', 'one', { host: 'a:1' });
    const patched = request('PATCH', boxes('v2', 'one'), { port: '2' }, MERGE);
    expect([patched.status, patched.json.host, patched.json.port]).toEqual([200, 'a', '2']);
    // Between the two, what was there and what is to be: who made it owns fields of the first version.
    expect(asks()).toEqual(['v2 one', 'v1 one', 'v1 one', 'v1 one', 'v2 one']);
    const dry = request('PATCH', `${boxes('v2', 'one')}?dryRun=All`, { host: 'b', port: '3' }, MERGE);
    expect([dry.status, dry.json.host, dry.json.port]).toEqual([200, 'b', '3']);
    expect(asks()).toEqual(['v1 one', 'v2 one']);
    expect(request('GET', boxes('v1', 'one')).json.host).toBe('a:2');
  });

  it('applies server-side', () => {
    const { request, box } = clusterWith();
    const apply = (port: string) =>
      request('PATCH', `${boxes('v2', 'one')}?fieldManager=me`, box('v2', 'one', { host: 'a', port }), {
        'content-type': 'application/apply-patch+yaml',
      });
    expect([apply('1').status, apply('2').status]).toEqual([201, 200]);
    expect(request('GET', boxes('v1', 'one')).json.host).toBe('a:2');
  });

  it('is waited for, and what happens meanwhile is not lost', () => {
    const { create, server, state, held, loop } = clusterWith();
    create('v1', 'one', { host: 'a:1' });
    const events: string[] = [];
    const kind = server.registry.kinds().find(({ group, version }) => group === 'example.com' && version === 'v2')!;
    server.watch(
      { kind },
      {
        event: ({ type, object }) => {
          const { metadata, port } = JSON.parse(textCodec.decode(object)) as Json;
          events.push(type === 'BOOKMARK' ? type : `${type} ${metadata.name} ${port}`);
        },
        error: ({ message }) => events.push(message ?? ''),
      },
    );
    state.isHeld = true;
    create('v1', 'two', { host: 'b:2' });
    create('v1', 'three', { host: 'c:3' });
    expect(events).toEqual(['ADDED one 1', 'BOOKMARK']);
    while (held.length > 0) {
      held.shift()!();
      loop.run(loop.now, () => true);
    }
    expect(events.slice(2)).toEqual(['ADDED two 2', 'ADDED three 3']);
  });

  it('parks a request until it answers', () => {
    const { create, server, state, held } = clusterWith();
    create('v1', 'one', { host: 'a:1' });
    state.isHeld = true;
    const answers: number[] = [];
    const get = { method: 'GET', path: boxes('v2', 'one'), query: '', headers: {}, body: new Uint8Array() };
    server.handle(
      { ...get, user: clusterAdministrator },
      {
        respond: ({ status }) => void answers.push(status),
        stream: () => ({ write: () => undefined, end: () => undefined }),
      },
    );
    expect(answers).toEqual([]);
    held.shift()!();
    expect(answers).toEqual([200]);
  });

  it('is not needed to delete', () => {
    const { create, request, asks, state } = clusterWith();
    create('v1', 'one', { host: 'a:1', metadata: { name: 'one', finalizers: ['example.com/f'] } });
    expect(request('DELETE', boxes('v2', 'one')).json).toMatchObject({ apiVersion: 'example.com/v2', port: '1' });
    expect(asks()).toEqual(['v2 one']);
    state.answer = () => ({ fault: 'EOF' });
    expect(request('GET', boxes('v1', 'one')).json).toMatchObject({
      host: 'a:1',
      metadata: { deletionTimestamp: expect.anything() },
    });
  });

  it('moves objects to another storage version when they are written, changed or not', () => {
    const { create, request, store, asks, state } = clusterWith();
    create('v1', 'one', { host: 'a:1' });
    store('v2');
    const { json } = request('GET', boxes('v1', 'one'));
    expect(asks()).toEqual([]);
    const written = request('PUT', boxes('v1', 'one'), json);
    expect([written.status, written.json.host]).toEqual([200, 'a:1']);
    expect(written.json.metadata.resourceVersion).not.toBe(json.metadata.resourceVersion);
    expect(asks()).toEqual(['v2 one', 'v1 one']);
    state.answer = () => ({ fault: 'EOF' });
    expect(request('GET', boxes('v2', 'one')).json).toMatchObject({ host: 'a', port: '1' });
  });

  it('changes labels and annotations, and nothing else of the metadata', () => {
    const { create, request, state } = clusterWith();
    create('v1', 'one', { host: 'a:1' });
    state.answer = (asked) => {
      const { convertedObjects, ...rest } = converts(asked);
      const [{ metadata, ...object }] = convertedObjects;
      const made = { ...metadata, labels: { by: 'hook' }, generation: 9, finalizers: ['example.com/f'] };
      return { ...rest, convertedObjects: [{ ...object, metadata: made }] };
    };
    const { metadata } = request('GET', boxes('v2', 'one')).json;
    expect([metadata.labels, metadata.generation, metadata.finalizers]).toEqual([{ by: 'hook' }, 1, undefined]);
  });

  it('may be of the older version of reviews, which names nothing', () => {
    const { create, request, state } = clusterWith('v1', ['v1beta1']);
    create('v1', 'one', { host: 'a:1' });
    state.answer = (asked) => ({ ...converts(asked), uid: 'other' });
    expect(request('GET', boxes('v2', 'one')).json.host).toBe('a');
  });
});

describe('a conversion webhook that fails', () => {
  const FROM = 'conversion webhook for example.com/v1, Kind=Box';
  const object = { apiVersion: 'example.com/v2', kind: 'Box', metadata: { name: 'one', namespace: 'default' } };
  const success = { result: { status: 'Success' } };
  const made = (more: object) => ({ ...success, convertedObjects: [{ ...object, ...more }] });

  it.each<[string, Json, string]>([
    [
      'cannot be reached',
      { fault: 'dial tcp 127.0.0.1:9: connect: connection refused' },
      ' failed: Post "https://127.0.0.1:9/convert?timeout=30s": dial tcp 127.0.0.1:9: connect: connection refused',
    ],
    [
      'answers what is none',
      { body: '{' },
      " failed: couldn't get version/kind; json parse error: unexpected end of JSON input",
    ],
    ['is not found', { code: 404, body: '' }, ' failed: the server could not find the requested resource'],
    ['refuses', { result: { status: 'Failure', message: 'cannot' } }, ' failed: cannot'],
    ['says nothing', {}, " failed: response.result.status was '', not 'Success'"],
    ['answers somebody else', { uid: 'x' }, ' failed: expected response.uid="'],
    [
      'answers another question',
      { review: { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' } },
      ' failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got admission.k8s.io/v1, Kind=AdmissionReview',
    ],
    ['answers with too few', { ...success, convertedObjects: [] }, ' returned 0 objects, expected 1'],
    [
      'makes another version',
      made({ apiVersion: 'example.com/v3' }),
      ' returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v3)',
    ],
    [
      'makes another kind',
      made({ kind: 'Bag' }),
      ' returned invalid object at index 0: invalid kind (expected Box, received Bag)',
    ],
    [
      'makes another object',
      made({ metadata: { name: 'two', namespace: 'default' } }),
      ' returned invalid object: must have the same name: one != two',
    ],
  ])('because it %s is told of', (_why, answer, message) => {
    const { create, request, state } = clusterWith();
    create('v1', 'one', { host: 'a:1' });
    state.answer = () => answer;
    const { status, json } = request('GET', boxes('v2', 'one'));
    expect([status, json.message.slice(0, FROM.length + message.length)]).toEqual([500, `${FROM}${message}`]);
    expect(json).not.toHaveProperty('reason');
  });

  it.each([
    [
      'metadata',
      (metadata: Json) => ({ labels: { a: 1 }, ...metadata }),
      'metadata.labels[a] must be a string, but is int64 in converted object',
    ],
    ['labels', (metadata: Json) => ({ ...metadata, labels: { 'a b': '' } }), 'metadata.labels: Invalid value: "a b": '],
  ])('with invalid %s is told of', (_what, change, fault) => {
    const { create, request, state } = clusterWith();
    create('v1', 'one', { host: 'a:1' });
    state.answer = (asked) => {
      const [first] = converts(asked).convertedObjects;
      return { ...success, convertedObjects: [{ ...first, metadata: change(first.metadata) }] };
    };
    const { message } = request('GET', boxes('v2', 'one')).json;
    expect(message.startsWith(`${FROM} returned invalid metadata: ${fault}`)).toBe(true);
  });

  it('keeps lists and watches from ever getting ready, but for pages', () => {
    const { create, request, state } = clusterWith();
    create('v1', 'one', { host: 'a:1' });
    state.answer = () => ({ fault: 'EOF' });
    const told = (query: string): unknown[] => {
      const { status, json } = request('GET', `${boxes('v2')}?${query}`);
      return [status, json.message.slice(0, FROM.length)];
    };
    expect(told('')).toEqual([429, 'storage is (re)initializing']);
    expect(told('watch=1')).toEqual([429, 'storage is (re)initializing']);
    expect(told('limit=500')).toEqual([500, FROM]);
  });

  it('keeps what is sent from being stored', () => {
    const { create, request, state } = clusterWith();
    state.answer = () => ({ fault: 'EOF' });
    expect(create('v2', 'one', { host: 'a', port: '1' }).json.message).toMatch(
      /^conversion webhook for example.com\/v2, Kind=Box failed: Post .*: EOF$/,
    );
    expect(request('GET', boxes('v1', 'one')).status).toBe(404);
  });
});
