import { SERVED_VERSION } from '../version.js';
import { type DefinitionTexts, documentDefinitions } from './document-definitions.js';
import { DELETE_OPTIONS, type Operation, parametersOf, type Path } from './operation.js';
import type { Parameter } from './parameters.js';
import { responseText } from './response-text.js';
import { definitionName, openApi3 } from './type-definitions.js';

/** The OpenAPI 3 document of one group version, or of paths without kinds: paths, and the types that they speak of. */
export function openApi3Document(paths: readonly Path[], texts: DefinitionTexts): object {
  const schemas = documentDefinitions(paths, openApi3, texts);
  const written = paths.map((each) => [each.path, pathItem(each)] as const);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: SERVED_VERSION },
    paths: Object.fromEntries(written.sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      ...(Object.keys(schemas).length === 0 ? {} : { schemas }),
      securitySchemes: {
        BearerToken: {
          type: 'apiKey',
          description: 'Bearer Token authentication',
          name: 'authorization',
          in: 'header',
        },
      },
    },
  };
}

function pathItem(path: Path): object {
  const parameters = parametersOf(path);
  const common = parameters.common.map(parameterObject);
  const written = path.operations.map((each) => [each.method, operationObject(each, parameters.own(each))]);
  return {
    ...(Object.fromEntries(written) as object),
    ...(common.length === 0 ? {} : { parameters: common }),
  };
}

function operationObject(operation: Operation, own: readonly Parameter[]): object {
  const { body, answer, action, about } = operation;
  const content = contentOf(operation.produces, answer);
  const parameters = own.map(parameterObject);
  const isRequired = body !== DELETE_OPTIONS;
  return {
    tags: [operation.tag],
    operationId: operation.id,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            content: contentOf(operation.consumes ?? [], body),
            ...(isRequired ? { required: true } : {}),
          },
        }),
    responses: {
      ...Object.fromEntries(
        operation.statuses.map((status) => [String(status), { description: responseText(status), content }]),
      ),
      401: { description: responseText(401) },
    },
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(about === undefined ? {} : { 'x-kubernetes-group-version-kind': about }),
  };
}

const contentOf = (mediaTypes: readonly string[], type: string | undefined): object => {
  const schema = type === undefined ? { type: 'string' } : { $ref: `${openApi3.refPrefix}${definitionName(type)}` };
  return Object.fromEntries(mediaTypes.map((each) => [each, { schema }]));
};

const parameterObject = ({ name, in: place, type }: Parameter): object => ({
  name,
  in: place,
  ...(place === 'path' ? { required: true } : {}),
  schema: { type, uniqueItems: true },
});
