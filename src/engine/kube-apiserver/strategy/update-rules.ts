import type { Kind, Report, StrategyContext } from '../../machinery/kind.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { deepEqual } from '../../machinery/equality.js';
import { metadataChecksOf, type MetadataChecks } from './metadata-checks.js';

/** How one way of updating an object is prepared and checked: the object itself, its status, or another subresource. */
export interface UpdateRules {
  /** Restores what this way may not change, and what the server keeps. */
  prepare(draft: Draft<KubeObject>, old: KubeObject, context: StrategyContext): void;
  validate(object: KubeObject, old: KubeObject, report: Report): void;
  warnings(object: KubeObject, old: KubeObject): readonly string[];
  readonly metadataChecks: MetadataChecks;
  readonly createsOnUpdate: boolean;
  /** Whether addresses and the like may be taken or given back by this way. */
  readonly allocates: boolean;
}

const NONE: readonly string[] = Object.freeze([]);

/** The object itself: everything but the status. */
export const mainRules = (kind: Kind): UpdateRules => ({
  prepare(draft, old, context) {
    if (kind.prepareForUpdate !== undefined) kind.prepareForUpdate(draft, old, context);
    else keepStatus(kind, draft, old);
    if (raisesGeneration(kind, draft, old)) draft.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate(object, old, report) {
    kind.validateUpdate?.(object, old, report);
  },
  warnings: (object, old) => kind.warnings?.(object, old) ?? NONE,
  metadataChecks: metadataChecksOf(kind, ''),
  createsOnUpdate: kind.createsOnUpdate ?? false,
  allocates: true,
});

/** The status alone. */
export const statusRules = (kind: Kind): UpdateRules => ({
  prepare(draft, old, context) {
    if (kind.prepareForStatusUpdate !== undefined) kind.prepareForStatusUpdate(draft, old, context);
    else keepAllButStatus(kind, draft, old);
  },
  validate(object, old, report) {
    kind.validateStatusUpdate?.(object, old, report);
  },
  warnings: (object, old) => kind.statusWarnings?.(object, old) ?? NONE,
  metadataChecks: metadataChecksOf(kind, 'status'),
  createsOnUpdate: false,
  allocates: false,
});

function raisesGeneration(kind: Kind, object: KubeObject, old: KubeObject): boolean {
  if (kind.raisesGeneration !== undefined) return kind.raisesGeneration(object, old);
  if (kind.countsGenerations !== true) return false;
  return !deepEqual(field(object, 'spec'), field(old, 'spec'));
}

const hasStatus = (kind: Kind): boolean => kind.subresources?.some(({ name }) => name === 'status') ?? false;

function keepStatus(kind: Kind, draft: Draft<KubeObject>, old: KubeObject): void {
  if (hasStatus(kind)) setField(draft, 'status', field(old, 'status'));
}

/** Upstream's status strategies keep the spec, and those of some kinds the metadata as well. */
function keepAllButStatus(kind: Kind, draft: Draft<KubeObject>, old: KubeObject): void {
  for (const name of Object.keys(draft)) {
    if (name !== 'metadata' && name !== 'status' && !Object.hasOwn(old, name)) setField(draft, name, undefined);
  }
  for (const [name, value] of Object.entries(old)) {
    if (name !== 'metadata' && name !== 'status') setField(draft, name, value);
  }
  if (kind.statusKeepsMetadata !== true) return;
  const { labels, annotations, finalizers, ownerReferences } = old.metadata;
  setField(draft.metadata, 'labels', labels);
  setField(draft.metadata, 'annotations', annotations);
  setField(draft.metadata, 'finalizers', finalizers);
  setField(draft.metadata, 'ownerReferences', ownerReferences);
}

export const field = (object: object, name: string): unknown => (object as Readonly<Record<string, unknown>>)[name];

/** Sets a field by name; `undefined` takes it away. Values of stored objects may be shared: nobody writes into them. */
export function setField(draft: object, name: string, value: unknown): void {
  if (value === undefined) dropField(draft, name);
  else (draft as Record<string, unknown>)[name] = value;
}

/** Takes a field away. Deleting what is not there would cost as much as deleting what is. */
export function dropField(draft: object, name: string): void {
  if (name in draft) delete (draft as Record<string, unknown>)[name];
}
