import { goQuote } from '../../machinery/go-text.js';
import { forbidden, notSupported, type FieldError } from '../../machinery/field-error.js';
import { type FieldRequirements, parseFieldSelector } from '../../machinery/field-selector.js';
import { type LabelRequirements, parseLabelSelector } from '../../machinery/label-selector.js';
import { badRequest, invalid } from '../../machinery/status-error.js';
import type { Query } from '../query.js';

/** `metav1.ListOptions` as a query string gives them. */
export interface ListOptions {
  readonly labels: LabelRequirements;
  /** Parsed; whether the kind knows the fields is asked later. */
  readonly fields: FieldRequirements;
  readonly watch: boolean;
  readonly allowWatchBookmarks: boolean;
  /** Unparsed; empty for none. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly sendInitialEvents: boolean | undefined;
  readonly timeoutSeconds: number | undefined;
  /** At most so many items; 0 for all. */
  readonly limit: number;
  readonly continue: string;
}

const INT64_MAX = 9_223_372_036_854_775_807n;

/** Whether a GET of a collection is a watch. */
export const asksToWatch = (query: Query): boolean => flag(query, 'watch') ?? false;

/**
 * Reads and checks the options of a list or a watch, in upstream's order.
 * @throws StatusError 400 for a text that is no number or selector, 422 for options that exclude each other.
 */
export function listOptionsOf(query: Query, isWatch: boolean): ListOptions {
  const timeoutSeconds = integer(query, 'timeoutSeconds');
  const limit = integer(query, 'limit') ?? 0;
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
  const options: ListOptions = {
    labels,
    fields,
    watch: isWatch,
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks') ?? false,
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    sendInitialEvents: flag(query, 'sendInitialEvents'),
    timeoutSeconds,
    limit: Math.max(limit, 0),
    continue: query.get('continue') ?? '',
  };
  const defaulted = isWatch ? withInitialEvents(options) : options;
  const errors = isWatch ? watchErrors(defaulted) : listErrors(defaulted);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return defaulted;
}

/** A watch that names no revision begins with the present state, and its bookmark if bookmarks are allowed. */
function withInitialEvents(options: ListOptions): ListOptions {
  const { resourceVersion, resourceVersionMatch, sendInitialEvents } = options;
  if (sendInitialEvents !== undefined || resourceVersionMatch !== '') return options;
  if (resourceVersion !== '' && resourceVersion !== '0') return options;
  return { ...options, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
}

const MATCH = 'resourceVersionMatch';

function listErrors(options: ListOptions): readonly FieldError[] {
  const { resourceVersionMatch: match, resourceVersion } = options;
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    }
    if (options.continue !== '') errors.push(forbiddenWithContinue());
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbidden(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (options.sendInitialEvents !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors(options: ListOptions): readonly FieldError[] {
  const { resourceVersionMatch: match, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbidden(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match === '') return errors;
  if (sendInitialEvents === undefined) {
    errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(MATCH, match, ['NotOlderThan']));
  if (options.continue !== '') errors.push(forbiddenWithContinue());
  return errors;
}

const forbiddenWithContinue = (): FieldError =>
  forbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided');

/** Go's query decoding of a boolean: present is true, unless it says otherwise. */
function flag(query: Query, name: string): boolean | undefined {
  const text = query.get(name);
  return text === undefined ? undefined : text !== '0' && text.toLowerCase() !== 'false';
}

function integer(query: Query, name: string): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  const fault = `strconv.ParseInt: parsing ${goQuote(text)}`;
  if (!/^[-+]?\d+$/.test(text)) throw badRequest(`${fault}: invalid syntax`);
  const value = BigInt(text.replace('+', ''));
  if (value > INT64_MAX || value < -INT64_MAX - 1n) throw badRequest(`${fault}: value out of range`);
  return Number(value);
}
