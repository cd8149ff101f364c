import type { TextCodec } from '../../machinery/text-codec.port.js';
import { encodeOpenApi2 } from './gnostic-version-2.js';

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

const DOCUMENT = {
  swagger: '2.0',
  info: { title: 'Kubernetes', version: 'v1' },
  paths: {
    '/a/{name}': {
      get: {
        operationId: 'readA',
        produces: ['application/json'],
        responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/A' } } },
      },
      parameters: [
        { $ref: '#/parameters/p' },
        { name: 'name', in: 'path', required: true, type: 'string', uniqueItems: true },
        { name: 'body', in: 'body', schema: { $ref: '#/definitions/A' } },
        { name: 'limit', in: 'query', type: 'integer' },
      ],
    },
  },
  definitions: {
    A: {
      description: 'An A.',
      type: 'object',
      required: ['b'],
      properties: {
        b: { type: 'array', items: { type: 'integer', format: 'int32' } },
        c: { type: 'object', additionalProperties: { $ref: '#/definitions/A' } },
      },
    },
  },
  parameters: { p: { name: 'pretty', in: 'query', type: 'string' } },
  security: [{ BearerToken: [] }],
  securityDefinitions: { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } },
};

/** What gnostic itself makes of that document. */
const ENCODED =
  '0a03322e3012100a0a4b756265726e657465731202763142cb0112c8010a092f612f7b6e616d657d12ba01123f2a05726561644132106170706c69' +
  '636174696f6e2f6a736f6e4a240a220a03323030121b0a190a024f4b12130a110a0f232f646566696e6974696f6e732f414a1212100a0e232f7061' +
  '72616d65746572732f704a1f0a1d121b2219080112047061746822046e616d652a06737472696e679801014a230a210a1f1204626f64791a04626f' +
  '64792a110a0f232f646566696e6974696f6e732f414a1d0a1b12191a171205717565727922056c696d69743207696e74656765724a710a6f0a0141' +
  '126a2205416e20412e9a010162b201080a066f626a656374ca01510a270a01621222b201070a056172726179ba01150a131205696e743332b20109' +
  '0a07696e74656765720a260a01631221aa01130a110a0f232f646566696e6974696f6e732f41b201080a066f626a65637452220a200a0170121b12' +
  '191a171205717565727922067072657474793206737472696e6762110a0f0a0b426561726572546f6b656e12006a320a300a0b426561726572546f' +
  '6b656e1221121f0a066170694b6579120d617574686f72697a6174696f6e1a06686561646572';

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

describe('encodeOpenApi2', () => {
  it('writes what gnostic writes', () => {
    expect(hex(encodeOpenApi2(DOCUMENT, text))).toBe(ENCODED);
  });

  it('writes values of any form as YAML', () => {
    const mark = [{ group: '', kind: 'Pod', version: 'v1' }];
    const schema = { 'x-kubernetes-group-version-kind': mark };
    const bytes = encodeOpenApi2({ definitions: { Pod: schema } }, text);
    expect(text.decode(bytes)).toContain(`x-kubernetes-group-version-kind`);
    expect(text.decode(bytes)).toContain(`${JSON.stringify(mark)}\n`);
  });
});
