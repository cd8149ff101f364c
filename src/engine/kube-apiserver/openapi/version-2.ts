import type { Kind } from '../../machinery/kind.js';
import { SERVED_VERSION } from '../version.js';
import { type Operation, type Path, PATCH, pathsOf } from './operations.js';
import { definitionName, definitionsOf, type Describe, openApi2 } from './type-definitions.js';
import { kindMarks, typesOf } from './version-3.js';

const ANSWER_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** The OpenAPI 2 document: all kinds of all groups in one. */
export function openApi2Document(kinds: readonly Kind[], describe?: Describe): object {
  const paths = kinds.flatMap(pathsOf);
  const marks = kindMarks(kinds);
  const definitions = [...definitionsOf(typesOf(kinds, paths), openApi2, describe)].map(([name, schema]) => {
    const mark = marks.get(name);
    return [name, mark === undefined ? schema : { ...schema, 'x-kubernetes-group-version-kind': mark }] as const;
  });
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: SERVED_VERSION },
    paths: Object.fromEntries(paths.map((each) => [each.path, pathItem(each)])),
    definitions: Object.fromEntries([...definitions, [definitionName(PATCH), { type: 'object' }]]),
  };
}

const pathItem = ({ parameters, operations }: Path): object => ({
  ...Object.fromEntries(operations.map((each) => [each.method, operationObject(each)])),
  parameters: [
    ...parameters.map((name) => ({ uniqueItems: true, type: 'string', name, in: 'path', required: true })),
    { uniqueItems: true, type: 'string', name: 'pretty', in: 'query' },
  ],
});

function operationObject(operation: Operation): object {
  const { body, answer, action, group, kind, version } = operation;
  const answered = answer === undefined ? {} : { schema: reference(answer) };
  const isRequired = action === 'post' || action === 'put' || action === 'patch';
  const bodies =
    body === undefined ? [] : [{ name: 'body', in: 'body', required: isRequired, schema: reference(body) }];
  return {
    consumes: body === PATCH ? PATCH_TYPES : ['*/*'],
    produces: ANSWER_TYPES,
    schemes: ['https'],
    tags: [operation.tag],
    operationId: operation.id,
    parameters: [
      ...bodies,
      ...operation.query.map(({ name, type }) => ({ uniqueItems: true, type, name, in: 'query' })),
    ],
    responses: {
      ...Object.fromEntries(operation.statuses.map((status) => [String(status), { description: 'OK', ...answered }])),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind, version },
  };
}

const reference = (type: string): object => ({ $ref: `${openApi2.refPrefix}${definitionName(type)}` });
