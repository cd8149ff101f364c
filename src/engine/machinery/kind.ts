import type { Random } from '../kernel/random.js';
import type { Instant } from '../kernel/clock.js';
import type { CustomForm } from './custom-form.js';
import type { FieldError } from './field-error.js';
import type { Draft, KubeObject } from './object.js';
import type { Index, ResourceReader } from './resource-reader.port.js';
import type { UserInfo } from './user.js';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';
export type Scope = 'Namespaced' | 'Cluster';

/** One column of `kubectl get`. A cell without a value is `undefined` and shows as upstream shows it. */
export interface Column<T> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** `name`, or what a definition says. */
  readonly format?: string;
  /** 0 is always shown, 1 only by `-o wide`. */
  readonly priority?: number;
  /** The text of the `description` that the column carries in a Table. */
  readonly description?: string;
  value(object: T, context: ColumnContext): Cell;
}
export type Cell = string | number | boolean | undefined;
export interface ColumnContext {
  readonly now: Instant;
}

/** `meta.k8s.io/v1.TableRowCondition` */
export interface RowCondition {
  readonly type: 'Completed';
  readonly status: 'True';
  readonly reason: string;
  readonly message: string;
}

/** Says of one field what is wrong with it; called once an error, in upstream's order. */
export type Report = (error: FieldError) => void;

/** What a kind's rules may know besides the object itself. */
export interface StrategyContext {
  readonly now: Instant;
  readonly random: Random;
  readonly reader: ResourceReader;
  /** Who asks for the write. */
  readonly user: UserInfo;
  /** Further objects that are written, or removed, in the very transaction that stores this one (a Service's IPAddress). */
  also(write: SideWrite): void;
}
export type SideWrite =
  | { readonly type: 'put'; readonly kind: Kind; readonly object: KubeObject }
  | { readonly type: 'delete'; readonly kind: Kind; readonly key: string };

/** A path below an object. `schema` names the API type of the body where it is not the object itself. */
export interface Subresource {
  readonly name: string;
  readonly verbs: readonly ('create' | 'delete' | 'get' | 'patch' | 'update')[];
  /** The kind that discovery reports, where it differs from the parent's. */
  readonly responseKind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly acceptedTypes?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
}

/** Where the replica count of a scalable kind lives. */
export interface ScaleAccess<T> {
  replicas(object: T): number;
  statusReplicas(object: T): number;
  /** The text form of the label selector, as `status.selector` of a Scale shows it. */
  selector(object: T): string;
  withReplicas(object: T, replicas: number): T;
  /** Whether the object has a count; it always does unless told. */
  isSet?(object: T): boolean;
}

/**
 * Everything the API server knows of one resource kind. Routes, discovery, OpenAPI, storage prefix, tables and watches
 * derive from it. All callbacks are pure; drafts are private copies that the callback may write to.
 */
export interface KindDefinition<T extends KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  /** Defaults to the kind in lower case. */
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly scope: Scope;
  /** The Go type in the fact table, such as `k8s.io/api/apps/v1.Deployment`: the schema of bodies. */
  readonly type: string;
  /** All eight unless given. */
  readonly verbs?: readonly Verb[];
  readonly subresources?: readonly Subresource[];
  readonly scale?: ScaleAccess<T>;
  readonly columns: readonly Column<T>[];
  /** What a table's row says of its object besides the cells; none for most objects. */
  rowConditions?(object: T): readonly RowCondition[] | undefined;
  /** Field-selector values besides `metadata.name` and `metadata.namespace`. Every supported label is present in the answer. */
  selectableFields?(object: T): Readonly<Record<string, string>>;
  /** Lookups over all objects of this kind that are kept up to date with every write. */
  readonly indexes?: readonly Index<T>[];

  /** The directory below `/registry/`; the plural unless given. Kinds that share one (two versions of one object) share storage. */
  readonly storagePrefix?: string;
  /** Set where this is another form of an object stored as `storedAs.kind`. */
  readonly storedAs?: StoredForm<T>;

  /** Upstream's defaulting, applied to a decoded body and again after admission. Idempotent. */
  defaults?(draft: Draft<T>): void;
  /** Clears what a client may not set on create (status), and fills what the server sets. `metadata` is filled already. */
  prepareForCreate?(draft: Draft<T>, context: StrategyContext): void;
  /** Restores what a main-resource update may not change (status). Without it: `status` is kept from `old`. */
  prepareForUpdate?(draft: Draft<T>, old: T, context: StrategyContext): void;
  /** Without it: everything but `status` (and metadata that status updates may change) is kept from `old`. */
  prepareForStatusUpdate?(draft: Draft<T>, old: T, context: StrategyContext): void;
  /** Whether an update of the status leaves labels, annotations, finalizers and owners alone, where `prepareForStatusUpdate` does not say. */
  readonly statusKeepsMetadata?: boolean;
  /** Whether a change raises `metadata.generation`; by default: a change of `spec`, where the kind `countsGenerations`. */
  readonly countsGenerations?: boolean;
  raisesGeneration?(object: T, old: T): boolean;
  /** Takes addresses, ports and the like from their pools; runs after validation, throws StatusError when none is left. */
  allocate?(draft: Draft<T>, old: T | undefined, context: StrategyContext): void;
  /** Gives back what `allocate` took; runs when the object leaves the store. */
  release?(object: T, context: StrategyContext): void;

  /**
   * Whose rules upstream's validation asks of metadata: the core group's unless given, those of all kinds alike
   * (`machinery`), or, of a new object, the same once nothing else is wrong (`afterwards`).
   */
  readonly metadataRules?: 'core' | 'machinery' | 'afterwards';
  /** How `metadata.name` is checked; a DNS-1123 subdomain unless given. Returns upstream's messages, none when valid. */
  validateName?(name: string, isPrefix: boolean): readonly string[];
  validate?(object: T, report: Report): void;
  /** What other objects have to say of a new one; its errors stand before those of `validate`. */
  validateWithin?(object: T, reader: ResourceReader, report: Report): void;
  validateUpdate?(object: T, old: T, report: Report): void;
  validateStatusUpdate?(object: T, old: T, report: Report): void;
  /** Texts of `Warning:` headers, `old` on updates. */
  warnings?(object: T, old: T | undefined): readonly string[];
  /** The same of an update of the status. */
  statusWarnings?(object: T, old: T): readonly string[];
  /** The text of the `Warning:` that every request to a deprecated kind is answered with. */
  readonly deprecation?: string;

  /** Whether PUT on a missing name creates it. */
  readonly createsOnUpdate?: boolean;
  /** Whether an update without `resourceVersion` is allowed; true unless given. */
  readonly allowsUnconditionalUpdate?: boolean;
  /** The grace period of a delete, in seconds; 0 or undefined removes at once. A kind without it has no graceful deletion. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number | undefined;
  /** What `propagationPolicy` means when a client names none. */
  readonly defaultPropagation?: 'Background' | 'Orphan';
  /** What the first DELETE makes of an object that its controllers end; `undefined` when it goes as any other does. */
  markForDeletion?(object: T, now: Instant): T | undefined;
  /** Set where many objects have specs that are alike. */
  readonly alikeSpecs?: AlikeSpecs<T>;
  /** Set where many clusters have objects with the same large content. */
  readonly isCommon?: boolean;
  /** Create-only kinds that are answered and never stored (reviews). */
  readonly isVirtual?: boolean;
  /** Set where the kind is defined by an object of its cluster; `type` then names its metadata alone. */
  readonly custom?: CustomForm;
}

/** How specs of different objects are told to be alike. */
export interface AlikeSpecs<T> {
  /** A text that alike specs share; `undefined` for an object of which `validate` and `warnings` look at more than the spec. */
  likenessOf(object: T): string | undefined;
  /** A text that is drawn for each object, and stands in its spec. */
  drawnIn(object: T): string | undefined;
}

/** One form of an object that is stored in another form: HPA v1 over v2, events.k8s.io over core Events. */
export interface StoredForm<T extends KubeObject> {
  readonly kind: Kind;
  toStored(object: T): KubeObject;
  fromStored(object: KubeObject): T;
}

export interface Kind<T extends KubeObject = KubeObject> extends KindDefinition<T> {
  readonly singular: string;
  readonly storagePrefix: string;
  readonly verbs: readonly Verb[];
}

const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

export function defineKind<T extends KubeObject>(definition: KindDefinition<T>): Kind<T> {
  return Object.freeze({
    ...definition,
    singular: definition.singular ?? definition.kind.toLowerCase(),
    storagePrefix: definition.storagePrefix ?? definition.plural,
    verbs: definition.verbs ?? ALL_VERBS,
  });
}
