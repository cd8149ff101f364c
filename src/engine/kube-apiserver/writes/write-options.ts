import { forbidden, invalid, notSupported, required, tooLong, type FieldError } from '../../machinery/field-error.js';
import { badRequest, invalid as invalidObject } from '../../machinery/status-error.js';
import type { RequestOptions } from '../admission/request-options.js';
import { byteLength } from '../../machinery/go-text.js';
import type { FieldValidation } from '../decode-body.js';
import type { Query } from '../query.js';
import { dryRunErrors } from './delete-options.js';

const FIELD_MANAGER_LENGTH_MAX = 128;
const FIELD_VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
/** Go's duration text. */
const DURATION = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

export interface WriteOptions {
  readonly isDryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly fieldManager: string | undefined;
  /** Whether an apply takes fields that others own. */
  readonly force: boolean;
  /** As the request says it. */
  readonly told: RequestOptions;
}

export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

/** The query parameters of a write; an apply has some of its own. @throws StatusError 400, 422 */
export function writeOptionsOf(query: Query, kind: OptionsKind, isApply = false): WriteOptions {
  checkTimeout(query);
  const dryRun = query.all('dryRun');
  const fieldManager = query.get('fieldManager');
  const fieldValidation = query.get('fieldValidation') ?? '';
  const errors: FieldError[] = [];
  if (isApply && (fieldManager ?? '') === '') errors.push(required('fieldManager', 'is required for apply patch'));
  if (kind === 'PatchOptions' && !isApply && query.has('force')) {
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  if (fieldManager !== undefined) errors.push(...fieldManagerErrors(fieldManager));
  errors.push(...dryRunErrors(dryRun));
  if (!FIELD_VALIDATIONS.includes(fieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, FIELD_VALIDATIONS));
  }
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind }, '', errors);
  return {
    isDryRun: dryRun.length > 0,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as FieldValidation),
    fieldManager,
    force: query.has('force') && !isFalse(query.get('force') ?? ''),
    told: {
      ...(dryRun.length > 0 && { dryRun }),
      ...(fieldManager !== undefined && fieldManager !== '' && { fieldManager }),
      ...(fieldValidation !== '' && { fieldValidation }),
    },
  };
}

/** Upstream takes every other word for true. */
const isFalse = (text: string): boolean => ['0', 'false'].includes(text.toLowerCase());

/** @throws StatusError 400 when the `timeout` parameter is no duration. */
export function checkTimeout(query: Query): void {
  const timeout = query.get('timeout');
  if (timeout === undefined || timeout === '' || DURATION.test(timeout)) return;
  throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(timeout)}`);
}

function fieldManagerErrors(manager: string): readonly FieldError[] {
  if (manager.length > FIELD_MANAGER_LENGTH_MAX) return [tooLong('fieldManager', FIELD_MANAGER_LENGTH_MAX)];
  const position = manager.search(UNPRINTABLE);
  if (position < 0) return [];
  const code = manager.codePointAt(position)!.toString(16).toUpperCase().padStart(4, '0');
  const fault = `invalid character U+${code} (at position ${byteLength(manager.slice(0, position))})`;
  return [invalid('fieldManager', manager, fault)];
}
