import { version3Of } from './version-2-to-3.js';

describe('an OpenAPI 2 document as OpenAPI 3', () => {
  it('says the same in other places', () => {
    const about = { 'x-kubernetes-group-version-kind': { group: 'g', version: 'v1', kind: 'T' } };
    const document = {
      swagger: '2.0',
      info: { title: 'Other', version: '1' },
      paths: {
        '/apis/g/v1/ts': {
          parameters: [{ $ref: '#/parameters/pretty' }],
          post: {
            consumes: ['application/json', 'application/yaml'],
            produces: ['application/json'],
            schemes: ['https'],
            operationId: 'createT',
            parameters: [
              { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/T' } },
              { name: 'dryRun', in: 'query', type: 'string', uniqueItems: true, description: 'tries' },
            ],
            responses: {
              201: { description: 'Created', schema: { $ref: '#/definitions/T' } },
              401: { description: 'No' },
            },
            ...about,
          },
        },
      },
      definitions: {
        T: {
          type: 'object',
          properties: { spec: { description: 'what is wanted', default: {}, $ref: '#/definitions/Spec' } },
        },
        Spec: { type: 'object', additionalProperties: { $ref: '#/definitions/Spec' } },
      },
      parameters: { pretty: { name: 'pretty', in: 'query', type: 'string' } },
    };
    const schema = { $ref: '#/components/schemas/T' };
    expect(version3Of(document)).toEqual({
      openapi: '3.0.0',
      info: { title: 'Other', version: '1' },
      paths: {
        '/apis/g/v1/ts': {
          parameters: [{ name: 'pretty', in: 'query', schema: { type: 'string' } }],
          post: {
            operationId: 'createT',
            parameters: [
              { name: 'dryRun', in: 'query', description: 'tries', schema: { type: 'string', uniqueItems: true } },
            ],
            requestBody: { content: { 'application/json': { schema }, 'application/yaml': { schema } } },
            responses: {
              201: { description: 'Created', content: { 'application/json': { schema } } },
              401: { description: 'No' },
            },
            ...about,
          },
        },
      },
      components: {
        schemas: {
          T: {
            type: 'object',
            properties: {
              spec: { description: 'what is wanted', default: {}, allOf: [{ $ref: '#/components/schemas/Spec' }] },
            },
          },
          Spec: { type: 'object', additionalProperties: { $ref: '#/components/schemas/Spec' } },
        },
      },
    });
  });
});
