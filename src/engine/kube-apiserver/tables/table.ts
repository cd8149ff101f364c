/** `meta.k8s.io` Tables: what `kubectl get` prints. Columns and cells come from the kind; mirrors apiserver's table convertor. */
import { instant, type Instant } from '../../kernel/clock.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Column, Kind, RowCondition } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { schemaOfKind } from '../../machinery/schema/built-in-schemas.js';
import { normalise } from '../../machinery/schema/decode.js';
import { badRequest } from '../../machinery/status-error.js';
import type { Query } from '../query.js';

/** How much of its object a row carries. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** What rows are made by: a kind, or a face that shows something else. */
export type Tabular = Pick<Kind, 'columns' | 'rowConditions'>;

export interface TableOptions {
  readonly version: 'v1' | 'v1beta1';
  readonly include: IncludeObject;
  readonly now: Instant;
}

/** The list or object metadata that a Table shows. */
export interface TableMetadata {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface TableRow {
  readonly cells: readonly (string | number | boolean | null)[];
  readonly conditions?: readonly RowCondition[];
  readonly object: object | null;
}

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: TableMetadata;
  /** `null` in all but the first event of a watch. */
  readonly columnDefinitions: readonly ColumnDefinition[] | null;
  /** Upstream has `null` for none where a kind says nothing of columns. */
  readonly rows: readonly TableRow[] | null;
}

const CREATED_AT = 'Created At';
/** For kinds that say nothing of columns. */
const DEFAULT_COLUMNS: readonly Column<KubeObject>[] = [
  { name: 'Name', type: 'string', format: 'name', value: ({ metadata }) => metadata.name },
  { name: CREATED_AT, type: 'date', value: ({ metadata }) => metadata.creationTimestamp },
];
const UNKNOWN_AGE = '<unknown>';
const NEVER = instant(0);

/** @throws StatusError 400 for another value than the three. */
export function includeObjectOf(query: Query): IncludeObject {
  const text = query.get('includeObject') ?? '';
  if (text === '') return 'Metadata';
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text;
  const fault = `Invalid value: ${goQuote(text)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: includeObject: ${fault}`);
}

/** `withColumns` is false where an earlier Table of the same stream had them. */
export function tableOf(
  kind: Tabular,
  content: { readonly metadata: TableMetadata; readonly rows: readonly TableRow[] },
  version: 'v1' | 'v1beta1',
  withColumns = true,
): Table {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: content.metadata,
    columnDefinitions: withColumns ? definitionsOf(kind) : null,
    rows: content.rows.length === 0 && hasDefaultColumns(kind) ? null : content.rows,
  };
}

export function rowOf(kind: Tabular, object: KubeObject, { version, include, now }: TableOptions): TableRow {
  const cells = cellsOf(kind, object, now);
  const conditions = kind.rowConditions?.(object);
  return {
    cells,
    ...(conditions === undefined ? {} : { conditions }),
    object: include === 'None' ? null : include === 'Object' ? object : partialMetadata(object, version),
  };
}

export const cellsOf = (kind: Tabular, object: KubeObject, now: Instant): TableRow['cells'] =>
  columnsOf(kind).map((column) => column.value(object, { now }) ?? null);

export const definitionsOf = (kind: Tabular): readonly ColumnDefinition[] => columnsOf(kind).map(definitionOf);

/** A bookmark as a row: the cells of an object that has nothing yet. Its metadata is always shown. */
export function bookmarkRowOf(
  kind: Kind,
  bookmark: { readonly metadata: object },
  version: 'v1' | 'v1beta1',
): TableRow {
  const schema = schemaOfKind(kind.group, kind.version, kind.kind);
  const nothing = schema === undefined ? undefined : (normalise(schema, {}) as unknown as KubeObject);
  const cells = columnsOf(kind).map((column) => {
    if (nothing !== undefined) return column.value(nothing, { now: NEVER }) ?? '';
    const { name, type } = column;
    if (type === 'integer' || type === 'number') return 0;
    if (type === 'boolean') return false;
    return name === 'Age' || type === 'date' ? UNKNOWN_AGE : '';
  });
  return { cells, object: partialMetadata(bookmark, version) };
}

export const partialMetadata = (
  { metadata }: { readonly metadata: object },
  version: 'v1' | 'v1beta1',
): { readonly kind: string; readonly apiVersion: string; readonly metadata: object } => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata,
});

/** Upstream has none in the place of no rows where a kind says nothing of columns. */
export const hasDefaultColumns = ({ columns }: Tabular): boolean =>
  columns.length === 0 || columns.some(({ name }) => name === CREATED_AT);

const columnsOf = (kind: Tabular): readonly Column<KubeObject>[] =>
  kind.columns.length === 0 ? DEFAULT_COLUMNS : kind.columns;

const definitionOf = ({ name, type, format, description, priority }: Column<KubeObject>): ColumnDefinition => ({
  name,
  type,
  format: format ?? '',
  description: description ?? '',
  priority: priority ?? 0,
});
