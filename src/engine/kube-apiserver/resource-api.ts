import type { Kind } from '../machinery/kind.js';
import { keyOf, splitKey, type Draft, type KubeObject } from '../machinery/object.js';
import type {
  ApiCall,
  KindListener,
  Outcome,
  ResourceApi,
  ResourceEvent,
  Subscription,
} from '../machinery/resource-api.port.js';
import type { Index, ResourceReader } from '../machinery/resource-reader.port.js';
import { normalise } from '../machinery/schema/decode.js';
import { genericNotFound } from '../machinery/status-error.js';
import type { JsonObject, ParsedValue } from '../machinery/structure.js';
import type { AuditRecord } from './audit/audit-record.js';
import type { Auditor } from './audit/auditor.js';
import { told } from './audit/told-call.js';
import { decodeAs, withType } from './decode-body.js';
import type { FaceWriter } from './ownership/field-tracker.js';
import type { ServerParts } from './server-parts.js';
import type { KindFeeds } from './storage/kind-feeds.js';
import { field, setField } from './strategy/update-rules.js';
import type { SubresourceAction } from './subresources/action.js';
import { runAction } from './subresources/action-handler.js';
import type { Face } from './subresources/face.js';
import type { Faces } from './subresources/faces.js';
import { structOf } from './subresources/object-face.js';
import { applyPatch } from './writes/apply-patch.js';
import { attempt, type Settle } from './writes/settled.js';
import type { WriteScope, Written } from './writes/write-scope.js';

export interface InProcessApiOptions {
  readonly parts: ServerParts;
  readonly feeds: KindFeeds;
  readonly faces: Faces;
  readonly auditor: Auditor;
  action(kind: Kind, subresource: string): SubresourceAction | undefined;
}

type Done = (outcome: Outcome) => void;
type Audit = AuditRecord | undefined;
type CallOf<Verb extends ApiCall['verb']> = Extract<ApiCall, { readonly verb: Verb }>;

/**
 * The API server's door for components of the same cluster. What they send is trusted to be well typed, so nothing is
 * decoded; it passes the same admission, strategy, validation and store as a request from outside.
 */
export class InProcessApi implements ResourceApi {
  readonly #options: InProcessApiOptions;
  readonly #reader: ResourceReader;

  constructor(options: InProcessApiOptions) {
    this.#options = options;
    this.#reader = options.parts.reader;
  }

  get<T extends KubeObject>(kind: Kind<T>, key: string): T | undefined {
    return this.#reader.get(kind, key);
  }

  list<T extends KubeObject>(kind: Kind<T>, namespace?: string): readonly T[] {
    return this.#reader.list(kind, namespace);
  }

  indexed<T extends KubeObject>(kind: Kind<T>, index: Index<T>, key: string): readonly T[] {
    return this.#reader.indexed(kind, index, key);
  }

  subscribe<T extends KubeObject>(kind: Kind<T>, listener: (event: ResourceEvent<T>) => void): Subscription {
    return this.#options.feeds.subscribe(kind, listener);
  }

  customKinds(): readonly Kind[] {
    return this.#options.parts.registry.ownKinds();
  }

  subscribeToKinds(listener: KindListener): Subscription {
    return this.#options.parts.registry.subscribe(listener);
  }

  call<T extends KubeObject>(call: ApiCall<T>, done: (outcome: Outcome<T>) => void): void {
    const settle: Done = (outcome) => done(outcome as Outcome<T>);
    const given = call as ApiCall;
    const audit = this.#options.auditor.called(given);
    if (audit === undefined) this.#call(given, settle, undefined);
    else this.#call(given, told(audit, given, settle), audit);
  }

  #call(call: ApiCall, done: Done, audit: Audit): void {
    switch (call.verb) {
      case 'create':
        return this.#create(call, done, audit);
      case 'update':
        return this.#update(call, done, audit);
      case 'patch':
        return this.#patch(call, done, audit);
      case 'delete':
        return this.#delete(call, done, audit);
      case 'create-subresource':
        return this.#act(call, done, audit);
    }
  }

  #create(call: CallOf<'create'>, done: Done, audit: Audit): void {
    const { kind, namespace, object } = call;
    const face = this.#face(kind);
    const draft = draftOf(face, object);
    kind.defaults?.(draft);
    this.#options.parts.fields.created(writerOf(call, face), draft);
    this.#options.parts.writer.create(scopeOf(call, namespace, { audit }), draft, settled(done));
  }

  #update(call: CallOf<'update'>, done: Done, audit: Audit): void {
    const { kind, object, subresource } = call;
    const face = this.#face(kind, subresource);
    const { namespace } = object.metadata;
    const { fields } = this.#options.parts;
    const writer = writerOf(call, face, subresource);
    const make = (old: KubeObject | undefined): Draft<KubeObject> => {
      if (subresource === 'status' && old !== undefined) {
        const changed = statusDraft(face, object, old);
        fields.updated(writer, changed, old);
        return changed;
      }
      const draft = draftOf(face, object);
      kind.defaults?.(draft);
      return fields.changed(writer, draft, old);
    };
    const { uid } = object.metadata;
    const change = {
      key: keyOf(object),
      rules: face.rules,
      face,
      make,
      ...(uid === undefined || uid === '' ? {} : { preconditions: { uid } }),
    };
    this.#options.parts.writer.update(scopeOf(call, namespace, { subresource, audit }), change, settled(done));
  }

  #patch(call: CallOf<'patch'>, done: Done, audit: Audit): void {
    const { kind, key, patchType, patch, subresource } = call;
    const face = this.#face(kind, subresource);
    const { fields } = this.#options.parts;
    const writer = writerOf(call, face, subresource);
    if (patchType === 'apply') return this.#apply(call, writer, done, audit);
    const make = (old: KubeObject | undefined): Draft<KubeObject> => {
      const base = old === undefined ? {} : face.show(old);
      const patched = applyPatch(patchType, face.body.schema, base, patch as ParsedValue) as object;
      if (subresource === 'status' && old !== undefined) {
        const changed = statusDraft(face, patched as KubeObject, old);
        fields.updated(writer, changed, old);
        return changed;
      }
      const draft = draftOf(face, patched);
      if (face.isObject) kind.defaults?.(draft);
      return fields.changed(writer, draft, old);
    };
    const change = { key, rules: { ...face.rules, createsOnUpdate: false }, face, make };
    const scope = scopeOf(call, splitKey(key).namespace, { subresource, audit });
    this.#options.parts.writer.update(scope, change, settled(done));
  }

  /** Server-side apply of what is there, by force. */
  #apply(call: CallOf<'patch'>, writer: FaceWriter, done: Done, audit: Audit): void {
    const { key, patch, subresource } = call;
    const { face } = writer;
    const { applier, writer: objects } = this.#options.parts;
    const application = { config: patch as JsonObject, force: true };
    const make = (old: KubeObject | undefined): Draft<KubeObject> => applier.apply(writer, application, old);
    const change = { key, rules: { ...face.rules, createsOnUpdate: false }, face, make };
    const scope = scopeOf(call, splitKey(key).namespace, { subresource, audit });
    objects.update({ ...scope, keepsManagers: true }, change, settled(done));
  }

  #delete(call: CallOf<'delete'>, done: Done, audit: Audit): void {
    const { key, options = {} } = call;
    const scope = { ...scopeOf(call, splitKey(key).namespace, { audit }), options };
    this.#options.parts.deleter.delete(scope, key, options, settled(done));
  }

  #act(call: CallOf<'create-subresource'>, done: Done, audit: Audit): void {
    const { kind, key, subresource, body } = call;
    const { parts, action } = this.#options;
    attempt<KubeObject>(
      ({ value, error }) => (error === undefined ? done({ object: value }) : done({ error })),
      (settle) => {
        const found = action(kind, subresource);
        if (found === undefined) throw genericNotFound();
        const decoded = normalise(structOf(found.posts.type), body);
        const scope = scopeOf(call, splitKey(key).namespace, { subresource, audit });
        runAction(parts, found, { scope, key, body: decoded }, ({ value, error }) => {
          if (error !== undefined) return settle({ error });
          // What a caller wants to see is mostly the object that the action was about.
          const object = found.isAsked === true ? undefined : this.#reader.get(kind, key);
          settle({ value: object ?? (value.body as KubeObject) });
        });
      },
    );
  }

  #face(kind: Kind, subresource?: string): Face {
    const face = this.#options.faces.of(kind, subresource);
    if (face === undefined) throw genericNotFound();
    return face;
  }
}

/** A private copy in canonical form; but for the managers, which stay those of the stored object. */
function draftOf(face: Face, object: object): Draft<KubeObject> {
  const { managedFields, ...metadata } = (object as KubeObject).metadata ?? {};
  const { object: decoded } = decodeAs(face.body, { ...object, metadata }, { strict: false });
  const draft = withType(decoded, face.body);
  setField(draft.metadata, 'managedFields', managedFields);
  return draft;
}

const writerOf = ({ kind, fieldManager }: ApiCall, face: Face, subresource = ''): FaceWriter => ({
  kind,
  face,
  subresource,
  manager: fieldManager,
});

/** Only the status is new: the rest is the stored object's own, shared and not to be written to. */
function statusDraft(face: Face, object: KubeObject, old: KubeObject): Draft<KubeObject> {
  const type = face.body.schema.fields.get('status')?.type;
  const status = field(object, 'status');
  const draft = { ...old, metadata: { ...old.metadata } } as Draft<KubeObject>;
  const metadata = object.metadata;
  setField(draft.metadata, 'resourceVersion', metadata.resourceVersion);
  setField(draft.metadata, 'annotations', metadata.annotations);
  setField(draft.metadata, 'labels', metadata.labels);
  setField(draft, 'status', type?.kind === 'struct' && status !== undefined ? normalise(type, status) : status);
  return draft;
}

const scopeOf = (
  { user, kind }: ApiCall,
  namespace: string | undefined,
  { subresource, audit }: { readonly subresource?: string | undefined; readonly audit: Audit },
): WriteScope => ({
  user,
  kind,
  namespace,
  subresource,
  isDryRun: false,
  warnings: undefined,
  audit,
});

const settled =
  (done: Done): Settle<Written> =>
  ({ value, error }) =>
    error === undefined ? done({ object: value.object }) : done({ error });
