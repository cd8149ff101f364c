import type { TextCodec } from '../../machinery/text-codec.port.js';
import { encodeOpenApi3 } from './gnostic-version-3.js';

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

const REFERENCE = { $ref: '#/components/schemas/A' };
const DOCUMENT = {
  openapi: '3.0.0',
  info: { title: 'Kubernetes', version: 'v1' },
  paths: {
    '/a/{name}': {
      put: {
        operationId: 'replaceA',
        requestBody: { content: { '*/*': { schema: REFERENCE } }, required: true },
        responses: { 200: { description: 'OK', content: { 'application/json': { schema: { type: 'string' } } } } },
      },
      parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string', uniqueItems: true } }],
    },
  },
  components: {
    schemas: {
      A: {
        description: 'An A.',
        type: 'object',
        properties: {
          b: { type: 'string', default: '' },
          c: { allOf: [REFERENCE], default: {} },
          d: { type: 'array', items: { type: 'integer', default: 0 } },
          e: { oneOf: [{ type: 'boolean', default: false }] },
          f: { type: 'object', additionalProperties: false },
        },
      },
    },
    securitySchemes: { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } },
  },
};

/** What gnostic itself makes of that document. */
const ENCODED =
  '0a05332e302e3012100a0a4b756265726e657465733202763122a2010a9f010a092f612f7b6e616d657d1291012a6d2a087265706c616365' +
  '413a2b0a2912250a230a032a2f2a121c0a1a12180a16232f636f6d706f6e656e74732f736368656d61732f411801423412320a0332303012' +
  '2b0a290a024f4b1a230a210a106170706c69636174696f6e2f6a736f6e120d0a0b0a09ca0106737472696e676a200a1e0a046e616d651204' +
  '706174682001520e0a0ca00101ca0106737472696e672afa010ac3010ac0010a014112ba010ab701ca01066f626a656374fa01a2010a150a' +
  '016212100a0eca0106737472696e678a02021a000a270a016312220a20d2011a12180a16232f636f6d706f6e656e74732f736368656d6173' +
  '2f418a02000a2c0a016412270a25ca01056172726179f2011a0a180a16ca0107696e74656765728a02090900000000000000000a1b0a0165' +
  '12160a14da01110a0fca0107626f6f6c65616e8a020210000a150a016612100a0eca01066f626a6563748202021000920205416e20412e3a' +
  '320a300a0b426561726572546f6b656e12210a1f0a066170694b65791a0d617574686f72697a6174696f6e2206686561646572';

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

describe('encodeOpenApi3', () => {
  it('writes what gnostic writes', () => {
    expect(hex(encodeOpenApi3(DOCUMENT, text))).toBe(ENCODED);
  });
});
