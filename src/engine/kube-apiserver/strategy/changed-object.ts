import type { FieldError } from '../../machinery/field-error.js';
import type { Kind, Report, StrategyContext } from '../../machinery/kind.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { goQuote } from '../../machinery/go-text.js';
import { conflict, invalid, unknownError } from '../../machinery/status-error.js';
import { invalid as invalidField } from '../../machinery/field-error.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import { ensureNamespace } from './new-object.js';
import {
  asksForDomains,
  validateCommon,
  validateCoreFinalizers,
  validateFinalizers,
  validateMetadataUpdate,
} from './object-metadata.js';
import type { MetadataChecks } from './metadata-checks.js';
import { setField, type UpdateRules } from './update-rules.js';

const VERSION = /^\d+$/;

/**
 * Settles the version of a changed object against the stored one. Without a version the change is unconditional, where
 * the kind allows it. @throws StatusError 409, or 422 where a version must be given.
 */
export function settleVersion(kind: Kind, draft: Draft<KubeObject>, old: KubeObject): void {
  const { metadata } = draft;
  const given = metadata.resourceVersion ?? '';
  const of = { group: kind.group, resource: kind.plural };
  if (given === '' || given === '0') {
    if (kind.allowsUnconditionalUpdate === false) {
      const fault = invalidField('metadata.resourceVersion', 0, 'must be specified for an update');
      throw invalid({ group: kind.group, kind: kind.plural }, old.metadata.name, [fault]);
    }
    setField(metadata, 'resourceVersion', old.metadata.resourceVersion);
  } else if (given !== old.metadata.resourceVersion) {
    checkVersionText(given);
    throw conflict(of, old.metadata.name);
  }
}

/** @throws StatusError 500 for a version that is no number, as upstream does. */
export function checkVersionText(version: string): void {
  if (!VERSION.test(version)) throw unknownError(`strconv.ParseUint: parsing ${goQuote(version)}: invalid syntax`);
}

/** Restores what no update may change, mirroring `rest.BeforeUpdate`. */
export function prepareChanged(
  kind: Kind,
  draft: Draft<KubeObject>,
  old: KubeObject,
  by: { readonly rules: UpdateRules; readonly namespace: string | undefined; readonly context: StrategyContext },
): void {
  ensureNamespace(kind, draft, by.namespace);
  const kept = old.metadata;
  setField(draft.metadata, 'generation', kept.generation);
  by.rules.prepare(draft, old, by.context);
  // The rules may have put other metadata in the place of the given ones.
  const { metadata } = draft;
  if (metadata.uid === undefined || metadata.uid === '') setField(metadata, 'uid', kept.uid);
  setField(metadata, 'creationTimestamp', kept.creationTimestamp);
  delete metadata.selfLink;
  keepDeletion(metadata, kept);
}

/** An update neither begins a deletion nor ends or moves it. */
function keepDeletion(metadata: Draft<ObjectMeta>, kept: ObjectMeta): void {
  if (kept.deletionTimestamp !== undefined) setField(metadata, 'deletionTimestamp', kept.deletionTimestamp);
  if (kept.deletionGracePeriodSeconds !== undefined && metadata.deletionGracePeriodSeconds === undefined) {
    setField(metadata, 'deletionGracePeriodSeconds', kept.deletionGracePeriodSeconds);
  }
}

/** @throws StatusError 422 with everything that is wrong with the change. */
export function validateChanged(kind: Kind, object: KubeObject, old: KubeObject, rules: UpdateRules): void {
  const errors: FieldError[] = [];
  const report = (error: FieldError): void => void errors.push(error);
  validateChangedMetadata(kind, object, old.metadata, { checks: rules.metadataChecks, report });
  rules.validate(object, old, report);
  if (errors.length > 0) throw invalid(kind.storedAs?.kind ?? kind, object.metadata.name, errors);
}

/**
 * Upstream looks at the metadata for all kinds alike and then again in each kind's own rules, of which some ask what a new
 * object is asked, too: messages are the same, causes come as often as they are found.
 */
function validateChangedMetadata(
  kind: Kind,
  { metadata }: KubeObject,
  old: ObjectMeta,
  { checks, report }: { readonly checks: MetadataChecks; readonly report: Report },
): void {
  const update = collected((add) => validateMetadataUpdate(metadata, old, add));
  const { finalizers = [] } = metadata;
  const ofFinalizers = collected((add) => validateFinalizers(finalizers, add));
  const ofDomains = collected((add) => {
    if (asksForDomains(kind)) validateCoreFinalizers(finalizers, add);
  });
  if (update.length + ofFinalizers.length + ofDomains.length === 0) return;
  const common = collected((add) => validateCommon(metadata, add));
  const found = [...common, ...ofFinalizers, ...update];
  for (let time = 0; time < checks.changed; time++) found.push(...update, ...ofDomains);
  for (let time = 0; time < checks.whole; time++) found.push(...common, ...ofFinalizers, ...ofDomains);
  for (const error of found) report(error);
}

function collected(validate: (add: Report) => void): readonly FieldError[] {
  const errors: FieldError[] = [];
  validate((error) => void errors.push(error));
  return errors;
}
