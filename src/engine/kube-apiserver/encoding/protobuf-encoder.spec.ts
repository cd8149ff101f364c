import { createApiHarness, type Json, textCodec as text } from '../../../../test/support/engine-harness.js';
import { schemaOf } from '../../machinery/schema/built-in-schemas.js';
import type { StructSchema } from '../../machinery/schema/schema.js';
import { decode } from '../../machinery/schema/decode.js';
import { builtInMessages } from '../../machinery/protobuf/built-in-messages.js';
import { readEnvelope } from '../../machinery/protobuf/envelope.js';
import { kinds } from '../../kinds/registry.js';
import { apiVersionOf } from '../../machinery/object.js';
import { clusterAdministrator } from '../../machinery/user.js';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

interface BinaryAnswer {
  readonly status: number;
  readonly contentType: string | readonly string[] | undefined;
  readonly bytes: Uint8Array;
}

function createServer() {
  const { server, loop } = createApiHarness();
  const open = (method: string, url: string, body: Uint8Array | undefined, headers: Record<string, string>) => {
    const [path = '', query = ''] = url.split('?', 2);
    const chunks: Uint8Array[] = [];
    let head: { readonly status: number; readonly headers: Readonly<Record<string, string | readonly string[]>> };
    server.handle(
      { method, path, query, headers, body: body ?? new Uint8Array(), user: clusterAdministrator },
      {
        respond: (response) => {
          head = response;
          chunks.push(...response.body);
        },
        stream: (given) => {
          head = given;
          return { write: (chunk) => void chunks.push(chunk), end: () => undefined };
        },
      },
    );
    return (): BinaryAnswer => ({
      status: head.status,
      contentType: head.headers['content-type'],
      bytes: Buffer.concat(chunks),
    });
  };
  /** Protobuf both ways. */
  const send = (method: string, url: string, object?: { kind: string; apiVersion: string }, accept = PROTOBUF) => {
    const body = object === undefined ? undefined : Buffer.concat(builtInMessages.encodeBody(object, text));
    return open(method, url, body, { accept, 'content-type': PROTOBUF })();
  };
  return { open, send, loop };
}

/** The JSON of a protobuf body. */
function read(bytes: Uint8Array): Json {
  const { apiVersion, kind, raw } = readEnvelope(bytes, text);
  const schema = builtInMessages.schemaOf(apiVersion, kind)!;
  const { object } = decode(schema, builtInMessages.decode(schema, raw, text), { strict: false });
  return { ...object, apiVersion, kind };
}

const configMap = (name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { app: name } },
  data,
});

describe('protobuf over the wire', () => {
  it('has a form for every kind and its list', () => {
    for (const kind of kinds) {
      expect([kind.kind, builtInMessages.schemaOf(apiVersionOf(kind), kind.kind)?.typeName]).toEqual([
        kind.kind,
        kind.type,
      ]);
      if (kind.isVirtual === true) continue;
      const list = builtInMessages.schemaOf(apiVersionOf(kind), `${kind.kind}List`);
      expect([kind.kind, list?.fields.get('items')?.wire?.number]).toEqual([kind.kind, 2]);
    }
  });

  it('is taken and given by writes and reads', () => {
    const { send, open } = createServer();
    const created = send('POST', CONFIG_MAPS, configMap('a', { key: 'größer' }));
    expect([created.status, created.contentType]).toEqual([201, PROTOBUF]);
    const got = send('GET', `${CONFIG_MAPS}/a`);
    expect(got.bytes).toEqual(created.bytes);
    const json = open('GET', `${CONFIG_MAPS}/a`, undefined, {})();
    expect(read(got.bytes)).toEqual(JSON.parse(text.decode(json.bytes)));

    const changed = send('PUT', `${CONFIG_MAPS}/a`, { ...configMap('a', { key: '2' }) });
    expect([changed.status, read(changed.bytes)['data']]).toEqual([200, { key: '2' }]);
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    const placed = send('POST', '/api/v1/namespaces/default/pods', pod);
    expect(read(placed.bytes)['spec']).toMatchObject({
      restartPolicy: 'Always',
      containers: [{ name: 'c', image: 'i' }],
    });
  });

  it('joins lists of what it gave before, and of metadata', () => {
    const { send, open } = createServer();
    for (const name of ['a', 'b']) send('POST', CONFIG_MAPS, configMap(name, { name }));
    const list = send('GET', CONFIG_MAPS);
    const json = JSON.parse(text.decode(open('GET', CONFIG_MAPS, undefined, {})().bytes)) as unknown;
    expect(read(list.bytes)).toEqual(json);
    const metadata = send('GET', CONFIG_MAPS, undefined, `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`);
    const partial = read(metadata.bytes);
    expect(partial).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
    expect(partial['items'].map((each: { metadata: { name: string } }) => each.metadata.name)).toEqual(['a', 'b']);
    expect(read(send('GET', '/api/v1/namespaces/nothing/pods').bytes)).toMatchObject({ kind: 'PodList' });
  });

  it('tells errors', () => {
    const { send } = createServer();
    const { status, contentType, bytes } = send('GET', `${CONFIG_MAPS}/none`);
    expect([status, contentType]).toEqual([404, PROTOBUF]);
    expect(read(bytes)).toMatchObject({ kind: 'Status', reason: 'NotFound', message: 'configmaps "none" not found' });
  });

  it('carries the options of a deletion', () => {
    const { send } = createServer();
    const options = (uid: string) => ({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid } });
    const { uid } = read(send('POST', CONFIG_MAPS, configMap('a', {})).bytes)['metadata'] as { uid: string };
    expect(send('DELETE', `${CONFIG_MAPS}/a`, options('other')).status).toBe(409);
    expect(send('DELETE', `${CONFIG_MAPS}/a`, options(uid)).status).toBe(200);
  });

  it('carries the bodies of subresources', () => {
    const { send } = createServer();
    const request = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'd', namespace: 'default' },
      spec: { replicas: 3 },
    };
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const spec = { selector: { matchLabels: { a: 'b' } }, template };
    const deployments = '/apis/apps/v1/namespaces/default/deployments';
    expect(
      send('POST', deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec } as never)
        .status,
    ).toBe(201);
    const scaled = send('PUT', `${deployments}/d/scale`, request);
    expect([scaled.status, read(scaled.bytes)]).toMatchObject([200, { kind: 'Scale', spec: { replicas: 3 } }]);
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: 'default' },
    };
    expect(send('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', review).contentType).toBe(PROTOBUF);
  });

  it('frames the events of a watch', () => {
    const { send, open } = createServer();
    const stream = `${PROTOBUF};stream=watch`;
    const answer = open('GET', `${CONFIG_MAPS}?watch=1`, undefined, { accept: `${stream},${PROTOBUF}` });
    send('POST', CONFIG_MAPS, configMap('a', { k: 'v' }));
    send('DELETE', `${CONFIG_MAPS}/a`);
    const { contentType, bytes } = answer();
    expect(contentType).toBe(stream);
    const schema = schemaOf('k8s.io/apimachinery/pkg/apis/meta/v1.WatchEvent') as StructSchema;
    const events: unknown[] = [];
    for (let rest = bytes; rest.length > 0;) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0);
      events.push(builtInMessages.decode(schema, rest.subarray(4, 4 + length), text));
      rest = rest.subarray(4 + length);
    }
    expect(events).toMatchObject([
      { type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } } },
      { type: 'DELETED', object: { kind: 'ConfigMap', metadata: { name: 'a' } } },
    ]);
  });

  it('is negotiated', () => {
    const { open } = createServer();
    const typeOf = (url: string, accept: string) => {
      const { status, contentType } = open('GET', url, undefined, { accept })();
      return [status, contentType];
    };
    expect(typeOf(CONFIG_MAPS, `${PROTOBUF},application/json`)).toEqual([200, PROTOBUF]);
    expect(typeOf(CONFIG_MAPS, `${PROTOBUF};q=0.2,application/json`)).toEqual([200, 'application/json']);
    expect(typeOf(CONFIG_MAPS, '*/*')).toEqual([200, 'application/json']);
    const table = ';as=Table;g=meta.k8s.io;v=v1';
    expect(typeOf(CONFIG_MAPS, `${PROTOBUF}${table},application/json${table}`)).toEqual([200, 'application/json']);
    // The form asked for does not fit a Status either, so that JSON is the last resort.
    expect(typeOf(CONFIG_MAPS, `${PROTOBUF}${table}`)).toEqual([406, 'application/json']);
    expect(typeOf('/version', `${PROTOBUF},application/json`)).toEqual([200, 'application/json']);
    expect(typeOf('/apis', PROTOBUF)).toEqual([200, PROTOBUF]);
    const aggregated = ';g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    expect(typeOf('/apis', `${PROTOBUF}${aggregated}`)).toEqual([200, `${PROTOBUF}${aggregated}`]);
    expect(typeOf('/openapi/v2', PROTOBUF)).toEqual([406, undefined]);
    const openApi = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf,application/json';
    const answered = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
    expect(typeOf('/openapi/v2', openApi)).toEqual([200, answered]);
  });

  it.each([
    [
      'k8s',
      'the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (6b3873)',
    ],
    [
      '{"a":"b"}',
      'the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({"a":"b"})',
    ],
    ['k8s\0', 'the object provided is unrecognized (must be of type ConfigMap): empty body (6b387300)'],
    ['k8s\0\x12\x02\x0a\x05', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: unexpected EOF'],
    [
      'k8s\0\x12\x02\x08\x05',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: proto: wrong wireType = 0 for field ObjectMeta',
    ],
    [
      'k8s\0\x0a\x05\x12\x03Pod\x12\x00',
      'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
    ],
  ])('refuses %j', (body, message) => {
    const { open } = createServer();
    const { status, bytes } = open('POST', CONFIG_MAPS, text.encode(body), { 'content-type': PROTOBUF })();
    expect([status, JSON.parse(text.decode(bytes))]).toMatchObject([400, { message, reason: 'BadRequest' }]);
  });
});
