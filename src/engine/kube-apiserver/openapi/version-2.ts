import { SERVED_VERSION } from '../version.js';
import { type DefinitionTexts, documentDefinitions } from './document-definitions.js';
import { DELETE_OPTIONS, type Operation, PATCH, parametersOf, type Path } from './operation.js';
import type { Parameter } from './parameters.js';
import { responseText } from './response-text.js';
import { definitionName, openApi2 } from './type-definitions.js';

/** Bodies that are the same in many operations. */
const SHARED_BODIES: Readonly<Record<string, string>> = {
  [DELETE_OPTIONS]: 'body-2Y1dVQaQ',
  [PATCH]: 'body-78PwaGsr',
};

/** The OpenAPI 2 document: all kinds of all groups in one. */
export function openApi2Document(paths: readonly Path[], texts: DefinitionTexts): object {
  const shared = new Map<string, object>();
  const written = paths.map((each) => [each.path, pathItem(each, shared)] as const);
  const definitions = documentDefinitions(paths, openApi2, texts);
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: SERVED_VERSION },
    paths: Object.fromEntries(written.sort(([a], [b]) => (a < b ? -1 : 1))),
    definitions,
    parameters: Object.fromEntries([...shared].sort(([a], [b]) => (a < b ? -1 : 1))),
    securityDefinitions: {
      BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  };
}

type Shared = Map<string, object>;

function pathItem(path: Path, shared: Shared): object {
  const parameters = parametersOf(path);
  const common = parameters.common.map((each) => parameterObject(each, shared));
  const written = path.operations.map((each) => {
    const own = parameters.own(each).map((parameter) => parameterObject(parameter, shared));
    return [each.method, operationObject(each, [...bodyOf(each, shared), ...own])];
  });
  return {
    ...(Object.fromEntries(written) as object),
    ...(common.length === 0 ? {} : { parameters: common }),
  };
}

function operationObject(operation: Operation, parameters: readonly object[]): object {
  const { answer, action, about, consumes, produces } = operation;
  const schema = answer === undefined ? { type: 'string' } : reference(answer);
  return {
    ...(consumes === undefined ? {} : { consumes }),
    produces,
    schemes: ['https'],
    tags: [operation.tag],
    operationId: operation.id,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: {
      ...Object.fromEntries(
        operation.statuses.map((status) => [String(status), { description: responseText(status), schema }]),
      ),
      401: { description: responseText(401) },
    },
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(about === undefined ? {} : { 'x-kubernetes-group-version-kind': about }),
  };
}

/** Its name comes before those of all other parameters. */
function bodyOf({ body }: Operation, shared: Shared): readonly object[] {
  if (body === undefined) return [];
  const isOptional = body === DELETE_OPTIONS;
  const parameter = { name: 'body', in: 'body', ...(isOptional ? {} : { required: true }), schema: reference(body) };
  return [sharedOr(parameter, SHARED_BODIES[body], shared)];
}

function parameterObject({ type, name, in: place, shared: sharedName }: Parameter, shared: Shared): object {
  const isRequired = place === 'path';
  const parameter = { uniqueItems: true, type, name, in: place, ...(isRequired ? { required: true } : {}) };
  return sharedOr(parameter, sharedName, shared);
}

function sharedOr(parameter: object, name: string | undefined, shared: Shared): object {
  if (name === undefined) return parameter;
  shared.set(name, parameter);
  return { $ref: `#/parameters/${name}` };
}

const reference = (type: string): object => ({ $ref: `${openApi2.refPrefix}${definitionName(type)}` });
