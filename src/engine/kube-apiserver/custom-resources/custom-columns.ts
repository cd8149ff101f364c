/** Mirrors apiextensions' table convertor: the name, then what the definition's paths find. */
import { milliseconds, parseTimestamp, type Instant } from '../../kernel/clock.js';
import type { CustomResourceColumnDefinition } from '../../machinery/api/apiextensions-v1.js';
import { humanDuration } from '../../machinery/human-duration.js';
import type { Cell, Column } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { JsonValue } from '../../machinery/structure.js';
import { findByPath, JsonPathMismatch, printedByPath, type PathNode } from './json-path.js';
import { parseJsonPath } from './json-path-parser.js';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const NAME: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  value: ({ metadata }) => metadata.name,
};
const AGE: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
};

/** The columns of a version; with one path that cannot be read, upstream shows the name alone. */
export function customColumns(
  definitions: readonly CustomResourceColumnDefinition[] | undefined,
): readonly Column<KubeObject>[] {
  const given = definitions === undefined || definitions.length === 0 ? [AGE] : definitions;
  const columns: Column<KubeObject>[] = [NAME];
  for (const definition of given) {
    const path = parseJsonPath(definition.jsonPath);
    if (path === undefined) return [NAME];
    columns.push(columnOf(definition, path));
  }
  return columns;
}

function columnOf(definition: CustomResourceColumnDefinition, path: readonly PathNode[]): Column<KubeObject> {
  const { name, type, format, priority, description = '', jsonPath } = definition;
  return {
    name,
    type: type as Column<KubeObject>['type'],
    ...(format === undefined ? {} : { format }),
    ...(priority === undefined ? {} : { priority }),
    description:
      description === '' ? `Custom resource definition column (in JSONPath format): ${jsonPath}` : description,
    value(object, { now }) {
      const value = firstByPath(path, object);
      if (value === undefined) return undefined;
      return type === 'string' ? printedByPath(value) : cellOf(type, value, now);
    },
  };
}

/** The first that the path finds, if it finds anything. */
export function firstByPath(path: readonly PathNode[], object: KubeObject): JsonValue | undefined {
  try {
    return findByPath(path, object as unknown as JsonValue)[0];
  } catch (error) {
    if (error instanceof JsonPathMismatch) return undefined;
    throw error;
  }
}

function cellOf(type: string, value: JsonValue, now: Instant): Cell {
  switch (type) {
    case 'integer':
      return typeof value === 'number' || typeof value === 'bigint' ? Math.trunc(Number(value)) : undefined;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'date': {
      if (typeof value !== 'string') return undefined;
      const time = RFC_3339.test(value) ? parseTimestamp(value) : undefined;
      return time === undefined ? '<invalid>' : humanDuration(milliseconds(now - time));
    }
    default:
      return undefined;
  }
}
