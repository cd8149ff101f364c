import type { Kind } from '../../machinery/kind.js';
import { SERVED_VERSION } from '../version.js';
import { listTypeOf, type Operation, type Parameter, type Path, PATCH, pathsOf } from './operations.js';
import { definitionName, definitionsOf, type Describe, openApi3, type SchemaObject } from './type-definitions.js';

const ANSWER_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** The OpenAPI 3 document of one group version: paths, and the types that they speak of. */
export function openApi3Document(kinds: readonly Kind[], describe?: Describe): object {
  const paths = kinds.flatMap(pathsOf);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: SERVED_VERSION },
    paths: Object.fromEntries(paths.map((each) => [each.path, pathItem(each)])),
    components: { schemas: Object.fromEntries(schemasOf(kinds, paths, describe)) },
  };
}

/** Types of the kinds and of their operations, the kinds' own marked with group, version and kind. */
export function typesOf(kinds: readonly Kind[], paths: readonly Path[]): ReadonlySet<string> {
  const types = new Set<string>();
  const note = (type: string | undefined): void => void (type !== undefined && type !== PATCH && types.add(type));
  for (const kind of kinds) note(kind.type);
  for (const { operations } of paths) {
    for (const { body, answer } of operations) {
      note(body);
      note(answer);
    }
  }
  return types;
}

/** Which group, version and kind a definition stands for, by definition name. */
export function kindMarks(kinds: readonly Kind[]): ReadonlyMap<string, readonly SchemaObject[]> {
  const marks = new Map<string, readonly SchemaObject[]>();
  for (const kind of kinds) {
    const { group, version } = kind;
    marks.set(definitionName(kind.type), [{ group, kind: kind.kind, version }]);
    const list = listTypeOf(kind);
    if (list !== undefined) marks.set(definitionName(list), [{ group, kind: `${kind.kind}List`, version }]);
  }
  return marks;
}

function schemasOf(
  kinds: readonly Kind[],
  paths: readonly Path[],
  describe: Describe | undefined,
): readonly (readonly [string, SchemaObject])[] {
  const marks = kindMarks(kinds);
  const schemas = [...definitionsOf(typesOf(kinds, paths), openApi3, describe)].map(([name, schema]) => {
    const mark = marks.get(name);
    return [name, mark === undefined ? schema : { ...schema, 'x-kubernetes-group-version-kind': mark }] as const;
  });
  return [...schemas, [definitionName(PATCH), { type: 'object' }] as const].sort(([a], [b]) => (a < b ? -1 : 1));
}

const pathItem = ({ parameters, operations }: Path): object => ({
  ...Object.fromEntries(operations.map((each) => [each.method, operationObject(each)])),
  parameters: [
    ...parameters.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } })),
    queryParameter({ name: 'pretty', type: 'string' }),
  ],
});

function operationObject(operation: Operation): object {
  const { body, answer, action, group, kind, version } = operation;
  const contentTypes = body === PATCH ? PATCH_TYPES : ['*/*'];
  const answered = answer === undefined ? {} : { content: contentOf(ANSWER_TYPES, answer) };
  return {
    tags: [operation.tag],
    operationId: operation.id,
    ...(operation.query.length === 0 ? {} : { parameters: operation.query.map(queryParameter) }),
    ...(body === undefined ? {} : { requestBody: { content: contentOf(contentTypes, body) } }),
    responses: {
      ...Object.fromEntries(operation.statuses.map((status) => [String(status), { description: 'OK', ...answered }])),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind, version },
  };
}

const contentOf = (mediaTypes: readonly string[], type: string): object =>
  Object.fromEntries(
    mediaTypes.map((each) => [each, { schema: { $ref: `${openApi3.refPrefix}${definitionName(type)}` } }]),
  );

const queryParameter = ({ name, type }: Parameter): object => ({
  name,
  in: 'query',
  schema: { type, uniqueItems: true },
});
