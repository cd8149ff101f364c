import { timestamp } from '../../kernel/clock.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import type { FieldError } from '../../machinery/field-error.js';
import type { Kind, StrategyContext } from '../../machinery/kind.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { badRequest, invalid } from '../../machinery/status-error.js';
import { validateMetadata } from './object-metadata.js';
import { dropField } from './update-rules.js';

/** A `generateName` is cut to this before its suffix, so that the name stays a label. */
const GENERATED_PREFIX_LENGTH_MAX = 58;

/** The server's fields and those around them, in upstream's order. */
const WRITTEN_FIRST: readonly (keyof ObjectMeta)[] = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'generation',
  'creationTimestamp',
];
/** What no client may give. */
const SERVERS_OWN = ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'resourceVersion'];

/** Fills in what the server knows of a new object, mirroring `rest.BeforeCreate`. */
export function prepareNew(
  kind: Kind,
  draft: Draft<KubeObject>,
  namespace: string | undefined,
  context: StrategyContext,
): void {
  const { metadata } = draft;
  ensureNamespace(kind, draft, namespace);
  metadata.creationTimestamp = timestamp(context.now);
  metadata.uid = context.random.uuid();
  for (const name of SERVERS_OWN) dropField(metadata, name);
  if (metadata.generateName !== undefined && metadata.generateName !== '' && isUnset(metadata.name)) {
    metadata.name = generatedName(metadata.generateName, context);
  }
  // Rules may rely on a name; that an empty one will not do is said by the validation.
  metadata.name ??= '';
  if (kind.countsGenerations === true) metadata.generation = 1;
  draft.metadata = inWireOrder(metadata);
  kind.prepareForCreate?.(draft, context);
}

/** What the server filled in stands where upstream's encoder writes it, not behind what the client sent. */
function inWireOrder(metadata: Draft<ObjectMeta>): Draft<ObjectMeta> {
  const ordered: Partial<Record<keyof ObjectMeta, unknown>> = {};
  for (const name of WRITTEN_FIRST) if (metadata[name] !== undefined) ordered[name] = metadata[name];
  for (const name of Object.keys(metadata) as (keyof ObjectMeta)[]) {
    if (!WRITTEN_FIRST.includes(name)) ordered[name] = metadata[name];
  }
  return ordered as Draft<ObjectMeta>;
}

export const generatedName = (prefix: string, { random }: Pick<StrategyContext, 'random'>): string =>
  `${prefix.slice(0, GENERATED_PREFIX_LENGTH_MAX)}${random.nameSuffix()}`;

/** A body may leave its namespace out, but not name another. @throws StatusError 400 */
export function ensureNamespace(kind: Kind, draft: Draft<KubeObject>, namespace: string | undefined): void {
  const { metadata } = draft;
  if (kind.scope === 'Cluster') {
    dropField(metadata, 'namespace');
    return;
  }
  if (namespace === undefined) return;
  if (!isUnset(metadata.namespace) && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = namespace;
}

/** @throws StatusError 422 with everything that is wrong with a new object; its spec is not looked at where it is known. */
export function validateNew(
  kind: Kind,
  object: KubeObject,
  { reader, isSpecKnown }: Pick<StrategyContext, 'reader'> & { readonly isSpecKnown: boolean },
): void {
  const errors: FieldError[] = [];
  const report = (error: FieldError): void => void errors.push(error);
  const isAskedLast = kind.metadataRules === 'afterwards';
  if (!isAskedLast) validateMetadata(kind, object.metadata, report);
  kind.validateWithin?.(object, reader, report);
  if (!isSpecKnown) kind.validate?.(object, report);
  if (isAskedLast && errors.length === 0) validateMetadata(kind, object.metadata, report);
  if (errors.length > 0) throw invalid(kind.storedAs?.kind ?? kind, object.metadata.name ?? '', errors);
}

const isUnset = (text: string | undefined): boolean => text === undefined || text === '';
