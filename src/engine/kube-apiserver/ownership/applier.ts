import { isJsonObject, type JsonObject } from '../../machinery/structure.js';
import { conformanceFault, storedFault } from '../../machinery/managed-fields/conformance.js';
import { readManagers, writeManagers, type Manager } from '../../machinery/managed-fields/managers.js';
import { UntypedValue } from '../../machinery/managed-fields/typed-value.js';
import type { Applied, VersionedKind, Writing } from '../../machinery/managed-fields/updater.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { DecodeError } from '../../machinery/schema/decode-error.js';
import { badRequest, unknownError } from '../../machinery/status-error.js';
import { decodeAs, withType } from '../decode-body.js';
import { setField } from '../strategy/update-rules.js';
import { applyConflictError, withoutAllowed } from './apply-conflict.js';
import { identityOf, type FaceWriter, type FieldTracker, type FieldWriter } from './field-tracker.js';
import { allowedByLastApplied, hasLastApplied, lastAppliedText, LAST_APPLIED } from './last-applied.js';
import type { OwnershipParts } from './ownership-parts.js';

/** The owner of what was there before anybody was tracked. */
const BEFORE_FIRST_APPLY = 'before-first-apply';
/** The one manager whose client-side applies are taken over. */
const KUBECTL = 'kubectl';

/** Upstream cannot convert the Scale of a custom resource. */
const NO_CUSTOM_SCALE =
  'failed to create manager for existing fields: failed to convert live object (/; autoscaling/v1, Kind=Scale) to proper version: request to convert CR to an invalid group/version: autoscaling/v1';

interface Application {
  /** As the client sent it: plain JSON. */
  readonly config: JsonObject;
  readonly force: boolean;
}

/** Server-side apply: what a configuration makes of an object, and who owns what then. Mirrors apimachinery's FieldManager.Apply. */
export class Applier {
  readonly #parts: OwnershipParts;
  readonly #tracker: FieldTracker;

  constructor(parts: OwnershipParts, tracker: FieldTracker) {
    this.#parts = parts;
    this.#tracker = tracker;
  }

  /** The whole object as it should be, a private copy. @throws StatusError 400, 409, 500 */
  apply(writer: FaceWriter, application: Application, old: KubeObject | undefined): Draft<KubeObject> {
    const { face, kind } = writer;
    const { config } = application;
    checkType(writer, config);
    if (!face.isObject && kind.custom !== undefined) throw unknownError(NO_CUSTOM_SCALE);
    const owned = face.isObject ? this.#tracker.ownedBy(writer) : this.#parts.scale;
    const self = identityOf(writer, owned.apiVersion, 'Apply');
    const live = old === undefined ? this.#parts.emptyOf(kind) : face.show(old);
    const all = readManagers(this.#parts.pool, old?.metadata.managedFields) ?? [];
    const writing: Writing = { kind: owned, self, time: this.#tracker.time };
    const asked = face.isObject ? all : this.#scalers(writer, all);
    const managers = typedOr(untracked(owned, self.apiVersion, live), () => this.#tracked(writing, live, asked));
    checkConfig(owned, self.apiVersion, config);
    const applied = typedOr(untyped(owned, self.apiVersion, live), () =>
      this.#apply(writing, managers, { live, ...application }),
    );
    if (applied.conflicts !== undefined) throw applyConflictError(applied.conflicts);
    const draft = this.#draftOf(writer, applied.object ?? live, config);
    if (self.name === KUBECTL && hasLastApplied(draft)) {
      setField(draft.metadata.annotations!, LAST_APPLIED, lastAppliedText(config));
    }
    if (!face.isObject && old !== undefined) {
      return this.#tracker.scaled(writer, { body: draft, old, managers: all, scalers: applied.managers });
    }
    setField(draft.metadata, 'managedFields', writeManagers(applied.managers));
    return draft;
  }

  #scalers({ kind }: FieldWriter, managers: readonly Manager[]): readonly Manager[] {
    return this.#parts.scale.fromParent(managers, kind);
  }

  /** What nobody is known to own belongs to whoever was here before. */
  #tracked(writing: Writing, live: KubeObject, managers: readonly Manager[]): readonly Manager[] {
    if (managers.length > 0) return managers;
    const self = { ...writing.self, name: BEFORE_FIRST_APPLY, operation: 'Update' } as const;
    const { kind, apiVersion, metadata } = live;
    const nothing = { kind, apiVersion, metadata: {} };
    const isNew = metadata.uid === undefined;
    return isNew ? managers : this.#parts.updater.update({ ...writing, self }, managers, nothing, live);
  }

  #apply(
    writing: Writing,
    managers: readonly Manager[],
    change: { readonly live: KubeObject; readonly config: JsonObject; readonly force: boolean },
  ): Applied {
    const { updater } = this.#parts;
    const applied = updater.apply(writing, managers, change);
    if (applied.conflicts === undefined || writing.self.name !== KUBECTL) return applied;
    const allowed = allowedByLastApplied(this.#parts.pool, writing, change.live);
    const conflicts = withoutAllowed(this.#parts.pool, applied.conflicts, allowed);
    return conflicts.length > 0 ? { conflicts } : updater.apply(writing, managers, { ...change, force: true });
  }

  #draftOf({ face, kind }: FaceWriter, object: object, config: JsonObject): Draft<KubeObject> {
    const { managedFields: _tracked, ...metadata } = (object as KubeObject).metadata ?? {};
    try {
      const { object: decoded } = decodeAs(face.body, { ...object, metadata }, { strict: false });
      const draft = withType(decoded, face.body);
      if (face.isObject) kind.defaults?.(draft);
      return draft;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw unknownError(`failed to convert new object (${named(config)}) to proper version: ${error.message}`);
    }
  }
}

/** @throws StatusError 400 */
function checkType({ face: { body } }: FaceWriter, config: JsonObject): void {
  const { group, version, kind } = typeOf(config);
  if (kind !== body.kind || group !== body.group || version !== body.version) {
    throw badRequest(`invalid object type: ${typeText(config)}`);
  }
  if (Array.isArray(metadataOf(config)['managedFields'])) throw badRequest('metadata.managedFields must be nil');
}

/** @throws StatusError 500, as upstream does it, whatever the client wants to be told of unknown fields. */
function checkConfig(kind: VersionedKind, apiVersion: string, config: JsonObject): void {
  const fault = conformanceFault(kind.typeOf(apiVersion)!, config);
  if (fault !== undefined) throw unknownError(`failed to create typed patch object (${named(config)}): ${fault}`);
}

/** @throws StatusError 500 where what is stored is of no type. */
function typedOr<Made>(refusal: () => Error, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw error instanceof UntypedValue ? refusal() : error;
  }
}

const untracked = (kind: VersionedKind, apiVersion: string, live: KubeObject) => (): Error => {
  const fault = storedFault(kind.typeOf(apiVersion)!, live);
  const reason = `failed to convert new object (${namedLive(live)}) to smd typed: ${fault}`;
  return unknownError(`failed to create manager for existing fields: ${reason}`);
};

const untyped = (kind: VersionedKind, apiVersion: string, live: KubeObject) => (): Error => {
  const fault = storedFault(kind.typeOf(apiVersion)!, live);
  return unknownError(`failed to create typed live object (${namedLive(live)}): ${fault}`);
};

const namedLive = ({ apiVersion, kind, metadata: { namespace = '', name = '' } }: KubeObject): string =>
  `${namespace}/${name}; ${typeText({ apiVersion, kind })}`;

function named(config: JsonObject): string {
  const { namespace, name } = metadataOf(config);
  return `${textOf(namespace)}/${textOf(name)}; ${typeText(config)}`;
}

function typeOf({ apiVersion, kind }: JsonObject): { group: string; version: string; kind: string } {
  const [first = '', second, third] = textOf(apiVersion).split('/');
  if (third !== undefined) return { group: '', version: '', kind: '' };
  const [group, version] = second === undefined ? ['', first] : [first, second];
  return { group, version, kind: textOf(kind) };
}

function typeText(config: JsonObject): string {
  const { group, version, kind } = typeOf(config);
  return `${group}/${version}, Kind=${kind}`;
}

const metadataOf = ({ metadata }: JsonObject): JsonObject => (isJsonObject(metadata) ? metadata : {});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
