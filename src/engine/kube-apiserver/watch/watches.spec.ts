import { instant, minutes, seconds } from '../../kernel/clock.js';
import { EventLoop } from '../../kernel/event-loop.js';
import { Random } from '../../kernel/random.js';
import { Store } from '../../etcd/store.js';
import { configMap } from '../../kinds/config-map.js';
import { kinds } from '../../kinds/registry.js';
import { secret } from '../../kinds/secret.js';
import type { KubeObject } from '../../machinery/object.js';
import { type Status, StatusError } from '../../machinery/status-error.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { clusterAdministrator } from '../../machinery/user.js';
import { KindRegistry, KindTable } from '../kind-registry.js';
import { Query } from '../query.js';
import { Heartbeats } from '../reads/heartbeats.js';
import type { ResourceRequest } from '../request-context.js';
import { route } from '../routing.js';
import { ObjectMessages } from '../encoding/object-messages.js';
import { ResourceStorage } from '../storage/resource-storage.js';
import type { StoredObject } from '../storage/stored-object.js';
import type { ObjectEvent } from './object-watch.js';
import { Watches } from './watches.js';

const START = instant(Date.UTC(2026, 0, 1));
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const SECRETS = '/api/v1/namespaces/default/secrets';

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

interface Seen {
  readonly type: string;
  readonly object: KubeObject & Partial<Status> & { readonly columnDefinitions?: unknown; readonly rows?: unknown };
}

function server() {
  const simulation = new EventLoop(START, Random.seeded(1));
  const store = new Store<StoredObject>();
  const storage = new ResourceStorage(store, text);
  const registry = new KindRegistry(new KindTable(kinds));
  const heartbeats = new Heartbeats(undefined, text);
  const watches = new Watches({ storage, simulation, heartbeats, text, registry }, new ObjectMessages(text));

  const put = (name: string, s: string, namespace = 'default', kind = secret) => {
    const metadata = { name, namespace, uid: `uid-${name}`, labels: { s } };
    const object = { kind: kind.kind, apiVersion: 'v1', metadata } as KubeObject;
    const expectedRevision = storage.get(kind, `${namespace}/${name}`)?.modRevision ?? 0;
    return storage.write(kind, { object: object as never, expectedRevision })!.modRevision;
  };
  const remove = (name: string) => {
    const key = `default/${name}`;
    storage.remove(secret, { key, expectedRevision: storage.get(secret, key)!.modRevision });
  };
  const watch = (query: string, { accept, path = SECRETS }: { accept?: string; path?: string } = {}) => {
    const chunks: Uint8Array[] = [];
    const revisions: number[] = [];
    const state = { ended: false, refused: undefined as Status | undefined };
    const headers = accept === undefined ? {} : { accept };
    const request = { method: 'GET', path, query, headers, body: new Uint8Array(), user: clusterAdministrator };
    const target = route(path, registry);
    const context = { request, query: new Query(query), target, user: clusterAdministrator, warnings: [] };
    const stream = {
      write: (chunk: Uint8Array, revision: number) => void (chunks.push(chunk), revisions.push(revision)),
      end: () => void (state.ended = true),
    };
    const reply = {
      respond: () => undefined,
      stream: () => stream,
    };
    let call = { cancel: (): void => undefined };
    try {
      call = watches.serve(context as ResourceRequest, reply);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      state.refused = error.status;
    }
    const events = () =>
      chunks
        .flatMap((chunk) => text.decode(chunk).split('\n'))
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Seen);
    const summary = () =>
      events().map(({ type, object }) => `${type} ${object.metadata.name} ${object.metadata.labels?.['s']}`);
    return { chunks, revisions, state, events, summary, cancel: () => call.cancel() };
  };
  return { simulation, store, storage, watches, put, remove, watch };
}

describe('a watch', () => {
  it('begins with the present state in key order, then follows', () => {
    const { put, remove, watch } = server();
    put('b', '1');
    put('a', '2');
    const from0 = watch('resourceVersion=0');
    const fromNone = watch('');
    put('c', '1');
    put('a', '3');
    remove('b');
    const seen = ['ADDED a 2', 'ADDED b 1', 'ADDED c 1', 'MODIFIED a 3', 'DELETED b 1'];
    expect([from0.summary(), fromNone.summary()]).toEqual([seen, seen]);
    expect(from0.events().at(-1)?.object.metadata.resourceVersion).toBe('6');
    expect(from0.revisions).toEqual([3, 4, 5, 6]);
  });

  it('follows from a revision, and waits for one that is to come', () => {
    const { put, watch } = server();
    const first = put('a', '1');
    put('a', '2');
    const past = watch(`resourceVersion=${first}`);
    const future = watch('resourceVersion=4');
    put('a', '3');
    put('a', '4');
    expect(past.summary()).toEqual(['MODIFIED a 2', 'MODIFIED a 3', 'MODIFIED a 4']);
    expect(future.summary()).toEqual(['MODIFIED a 4']);
  });

  it('sees what comes to be selected added, and what ceases to be deleted as it was', () => {
    const { put, remove, watch } = server();
    const ones = watch('labelSelector=s%3D1&resourceVersion=1');
    put('a', '1');
    put('b', '2');
    put('a', '2');
    put('a', '2');
    put('b', '1');
    remove('b');
    expect(ones.summary()).toEqual(['ADDED a 1', 'DELETED a 1', 'ADDED b 1', 'DELETED b 1']);
    expect(ones.events().map(({ object }) => object.metadata.resourceVersion)).toEqual(['2', '4', '6', '7']);
  });

  it('sees one name, one namespace or all', () => {
    const { put, watch } = server();
    const named = watch('fieldSelector=metadata.name%3Da');
    const byPath = watch('', { path: '/api/v1/watch/namespaces/default/secrets/a' });
    const everywhere = watch('', { path: '/api/v1/secrets' });
    put('a', '1');
    put('b', '1');
    put('a', '1', 'other');
    put('a', '1', 'default', configMap as never);
    expect([named.summary().length, byPath.summary().length, everywhere.summary().length]).toEqual([1, 1, 3]);
  });

  it('ends the initial events with a bookmark when bookmarks are allowed', () => {
    const { put, watch } = server();
    put('a', '1');
    const bookmark = {
      type: 'BOOKMARK',
      object: {
        kind: 'Secret',
        apiVersion: 'v1',
        metadata: { resourceVersion: '2', annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    };
    const asked = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    expect(watch(asked).events().slice(1)).toEqual([bookmark]);
    expect(watch('resourceVersion=0&allowWatchBookmarks=true').events().slice(1)).toEqual([bookmark]);
    expect(watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan').events()).toHaveLength(1);
    expect(watch('sendInitialEvents=false&resourceVersionMatch=NotOlderThan').events()).toHaveLength(0);
  });

  it('tells of its progress a minute after a change, and plans nothing while all is quiet', () => {
    const { put, watch, simulation } = server();
    const quiet = watch('resourceVersion=1&allowWatchBookmarks=true&timeoutSeconds=7200');
    expect(simulation.nextDue).toBe(START + minutes(120));
    put('a', '1');
    put('a', '2');
    put('x', '1', 'other');
    simulation.run(instant(START + minutes(30)), () => true);
    expect(quiet.events().slice(2)).toEqual([
      { type: 'BOOKMARK', object: { kind: 'Secret', apiVersion: 'v1', metadata: { resourceVersion: '4' } } },
    ]);
  });

  it('ends when its time is up, and within an hour if it names none', () => {
    const { watch, simulation } = server();
    const short = watch('timeoutSeconds=5');
    const long = watch('');
    const gone = watch('timeoutSeconds=5');
    gone.cancel();
    simulation.run(instant(START + seconds(5)), () => true);
    expect([short.state.ended, long.state.ended, gone.state.ended]).toEqual([true, false, false]);
    simulation.run(instant(START + minutes(60)), () => true);
    expect(long.state.ended).toBe(true);
    expect(simulation.nextDue).toBeUndefined();
  });

  it('ends with an error event when its beginning is compacted or still to come', () => {
    const { put, watch, store } = server();
    put('a', '1');
    put('a', '2');
    put('a', '3');
    store.compact(4);
    const old = watch('resourceVersion=1');
    expect(old.events()).toEqual([
      {
        type: 'ERROR',
        object: expect.objectContaining({
          kind: 'Status',
          code: 410,
          reason: 'Expired',
          message: 'too old resource version: 1 (3)',
        }),
      },
    ]);
    expect(old.state.ended).toBe(true);
    const early = watch('resourceVersion=99&sendInitialEvents=true&resourceVersionMatch=NotOlderThan');
    expect(early.events()[0]?.object.message).toBe('Timeout: Too large resource version: 99, current: 4');
  });

  it('shares the bytes of one event among all watches of one form', () => {
    const { put, watch } = server();
    const [one, two, selected] = [watch(''), watch('', { path: '/api/v1/secrets' }), watch('labelSelector=s')];
    const partial = watch('', { accept: METADATA });
    put('a', '1');
    expect(two.chunks[0]).toBe(one.chunks[0]);
    expect(selected.chunks[0]).toBe(one.chunks[0]);
    expect(partial.events()[0]?.object.kind).toBe('PartialObjectMetadata');
  });

  it('gives tables, with columns in the first event only', () => {
    const { put, remove, watch } = server();
    put('a', '1');
    const rows = watch('includeObject=None', { accept: TABLE });
    remove('a');
    expect(rows.events()).toMatchObject([
      {
        type: 'ADDED',
        object: { kind: 'Table', columnDefinitions: [{ name: 'Name' }, {}, {}, {}], rows: [{ object: null }] },
      },
      { type: 'DELETED', object: { columnDefinitions: null, metadata: { resourceVersion: '3' } } },
    ]);
  });

  it.each([
    [
      'resourceVersionMatch=Exact',
      'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
    ],
    [
      'sendInitialEvents=true',
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
    [
      'continue=abc',
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
    ],
    ['resourceVersion=abc', 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'],
    ['timeoutSeconds=0.5', 'strconv.ParseInt: parsing "0.5": invalid syntax'],
  ])('refuses %s', (query, message) => {
    expect(server().watch(query).state.refused?.message).toBe(message);
  });

  it('refuses a selector that is not of the name in the path', () => {
    const path = '/api/v1/watch/namespaces/default/secrets/a';
    expect(server().watch('fieldSelector=metadata.name%3Db', { path }).state.refused?.message).toBe(
      "fieldSelector metadata.name doesn't match requested name",
    );
  });
});

describe('a watch of objects', () => {
  const observe = (
    made: ReturnType<typeof server>,
    more: { labelSelector?: string; resourceVersion?: string } = {},
  ) => {
    const events: ObjectEvent[] = [];
    const errors: Status[] = [];
    const sink = {
      event: (event: ObjectEvent) => void events.push(event),
      error: (status: Status) => void errors.push(status),
    };
    const call = made.watches.observe({ kind: secret, namespace: 'default', ...more }, sink);
    return { errors, call, types: () => events.map(({ type, revision }) => `${type} ${revision}`) };
  };

  it('gives the state, its end, and what follows', () => {
    const made = server();
    made.put('a', '1');
    const all = observe(made);
    made.put('b', '1');
    all.call.cancel();
    made.put('c', '1');
    expect(all.types()).toEqual(['ADDED 2', 'BOOKMARK 2', 'ADDED 3']);
    const resumed = observe(made, { resourceVersion: '2' });
    expect(resumed.types()).toEqual(['ADDED 3', 'ADDED 4']);
  });

  it('tells its sink what is wrong', () => {
    const made = server();
    expect(observe(made, { labelSelector: 'a b' }).errors).toMatchObject([{ code: 400 }]);
    for (const s of ['1', '2', '3']) made.put('a', s);
    made.store.compact(4);
    expect(observe(made, { resourceVersion: '1' }).errors).toMatchObject([{ code: 410 }]);
  });
});
