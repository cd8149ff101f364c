import { kinds } from '../../kinds/registry.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { clusterAdministrator } from '../../machinery/user.js';
import { KindTable } from '../kind-registry.js';
import { Query } from '../query.js';
import type { DocumentSupplies } from './document-supplies.port.js';
import { openApiAnswer } from './openapi-answer.js';
import { OpenApiDocuments } from './openapi-documents.js';

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

function withDocuments() {
  let compressions = 0;
  const supplies: DocumentSupplies = {
    describe: (name) =>
      name === 'io.k8s.api.apps.v1.DaemonSetSpec'
        ? { description: 'What a daemon set is to be.', fields: { minReadySeconds: 'How long a pod must be ready.' } }
        : undefined,
    hash: (bytes) => String(bytes.length),
    compress(bytes) {
      compressions++;
      return bytes.subarray(0, 10);
    },
  };
  const documents = new OpenApiDocuments(new KindTable(kinds).groups, text, { supplies });
  const get = (url: string, headers: Readonly<Record<string, string>> = {}) => {
    const [path = '', query = ''] = url.split('?');
    const request = { method: 'GET', path, query, headers, body: new Uint8Array(), user: clusterAdministrator };
    const target = { type: 'openapi', path } as const;
    return openApiAnswer(
      { request, query: new Query(query), target, user: clusterAdministrator, warnings: [] },
      documents,
    );
  };
  return { documents, get, compressions: () => compressions };
}

const bodyOf = ({ body }: { readonly body: readonly Uint8Array[] }): string => body.map(text.decode).join('');

describe('OpenAPI as it is served', () => {
  const { documents, get, compressions } = withDocuments();

  it('gives version 2 as protobuf to whoever prefers that, under the type that is legal', () => {
    const deprecated = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    const { headers, body } = get('/openapi/v2', { accept: `${deprecated}, application/json;q=0.5` });
    expect(headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    expect(body).toEqual([documents.version2Protobuf().plain]);
    expect(get('/openapi/v2', { accept: 'application/json' }).headers['etag']).toBe(headers['etag']);
  });

  it('gives version 3 as protobuf likewise', () => {
    const accept = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';
    const { headers, body } = get('/openapi/v3/apis/apps/v1', { accept });
    expect(headers['content-type']).toBe('application/com.github.proto-openapi.spec.v3.v1.0+protobuf');
    expect(body).toEqual([documents.version3Protobuf('apis/apps/v1')!.plain]);
    expect(bodyOf({ body })).toContain('How long a pod must be ready.');
  });

  it('gives JSON to whoever does not mind, and nothing to whoever takes neither', () => {
    for (const accept of ['', '*/*', 'application/*', 'text/html, application/json']) {
      expect(get('/openapi/v2', { accept }).headers).toMatchObject({
        'content-type': 'application/json',
        vary: 'Accept',
      });
    }
    expect(get('/openapi/v2', { accept: 'application/yaml' })).toMatchObject({ status: 406, body: [] });
  });

  it('says what types and fields are for', () => {
    for (const path of ['/openapi/v2', '/openapi/v3/apis/apps/v1']) {
      const body = bodyOf(get(path));
      expect(body).toContain('"description":"What a daemon set is to be."');
      expect(body).toContain('"description":"How long a pod must be ready."');
    }
    expect(bodyOf({ body: [documents.version2Protobuf().plain] })).toContain('How long a pod must be ready.');
  });

  it('compresses once', () => {
    for (const _ of [1, 2, 3]) {
      const { headers, body } = get('/openapi/v3/apis/batch/v1', { 'accept-encoding': 'deflate, gzip' });
      expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding, Accept' });
      expect(body[0]).toHaveLength(10);
    }
    expect(compressions()).toBe(1);
  });

  it('lets a document be kept for ever under its hash, and shows the way to it', () => {
    const { hash } = documents.version3('apis/apps/v1')!;
    expect(get(`/openapi/v3/apis/apps/v1?hash=${hash}`).headers['cache-control']).toMatch(/^public, immutable/);
    expect(get('/openapi/v3/apis/apps/v1').headers['cache-control']).toBe('no-cache, private');
    const elsewhere = get('/openapi/v3/apis/apps/v1?hash=ABC');
    expect(elsewhere).toMatchObject({ status: 301, headers: { location: `/openapi/v3/apis/apps/v1?hash=${hash}` } });
  });

  it('does not repeat what the client has', () => {
    const tag = get('/openapi/v2').headers['etag'] as string;
    for (const known of [tag, `"other", W/${tag}`, '*']) {
      expect(get('/openapi/v2', { 'if-none-match': known })).toMatchObject({ status: 304, body: [] });
    }
    expect(get('/openapi/v2', { 'if-none-match': '"other"' }).status).toBe(200);
  });

  it('has nothing for a group version that is not served', () => {
    expect(get('/openapi/v3/apis/nosuch/v1')).toMatchObject({ status: 404, body: [] });
  });
});
