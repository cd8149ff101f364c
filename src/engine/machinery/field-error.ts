import { goJson, goNumber, goQuote } from './go-text.js';

export type FieldErrorType =
  | 'Required'
  | 'Invalid'
  | 'NotSupported'
  | 'Duplicate'
  | 'Forbidden'
  | 'TooLong'
  | 'TooMany'
  | 'TypeInvalid'
  | 'Internal'
  | 'NotFound';

/**
 * One fault of one field, as upstream's `field.Error`. `badValue` is plain JSON: a string is printed quoted, a number or
 * boolean bare, anything else as JSON in its own key order; `undefined` prints `null`, `OMITTED` nothing at all.
 */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  readonly badValue?: unknown;
  readonly detail: string;
}

const TITLES: Readonly<Record<FieldErrorType, string>> = {
  Required: 'Required value',
  Invalid: 'Invalid value',
  NotSupported: 'Unsupported value',
  Duplicate: 'Duplicate value',
  Forbidden: 'Forbidden',
  TooLong: 'Too long',
  TooMany: 'Too many',
  TypeInvalid: 'Invalid value',
  Internal: 'Internal error',
  NotFound: 'Not found',
};
const WITHOUT_VALUE: readonly FieldErrorType[] = ['Required', 'Forbidden', 'TooLong', 'Internal'];

/** As a `badValue`: the error stands without a value, as with upstream's `field.OmitValueType`. */
export const OMITTED: unique symbol = Symbol('omitted');

export const required = (field: string, detail = ''): FieldError => ({ type: 'Required', field, detail });

export const invalid = (field: string, badValue: unknown, detail: string): FieldError => ({
  type: 'Invalid',
  field,
  badValue,
  detail,
});

/** The valid values are listed in the order given; upstream mostly gives them sorted. */
export const notSupported = (field: string, badValue: unknown, validValues: readonly string[]): FieldError => ({
  type: 'NotSupported',
  field,
  badValue,
  detail: validValues.length === 0 ? '' : `supported values: ${validValues.map(goQuote).join(', ')}`,
});

export const duplicate = (field: string, badValue: unknown): FieldError => ({
  type: 'Duplicate',
  field,
  badValue,
  detail: '',
});

export const forbidden = (field: string, detail: string): FieldError => ({ type: 'Forbidden', field, detail });

/** `lengthMax` counts bytes, as upstream's does; a negative one leaves the bound out of the message. */
export const tooLong = (field: string, lengthMax: number): FieldError => ({
  type: 'TooLong',
  field,
  detail:
    lengthMax < 0 ? 'value is too long' : `may not be more than ${lengthMax} ${lengthMax === 1 ? 'byte' : 'bytes'}`,
});

export const tooMany = (field: string, actual: number, countMax: number): FieldError => ({
  type: 'TooMany',
  field,
  badValue: actual,
  detail: countMax < 0 ? 'has too many items' : `must have at most ${countMax} ${countMax === 1 ? 'item' : 'items'}`,
});

export const typeInvalid = (field: string, badValue: unknown, detail: string): FieldError => ({
  type: 'TypeInvalid',
  field,
  badValue,
  detail,
});

export const notFound = (field: string, badValue: unknown): FieldError => ({
  type: 'NotFound',
  field,
  badValue,
  detail: '',
});

export const internal = (field: string, detail: string): FieldError => ({ type: 'Internal', field, detail });

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0` */
export const fieldErrorMessage = (error: FieldError): string => `${error.field}: ${fieldErrorBody(error)}`;

/** The message without its field, as `details.causes` carries it. */
export function fieldErrorBody({ type, badValue, detail }: FieldError): string {
  const value = WITHOUT_VALUE.includes(type) || badValue === OMITTED ? '' : `: ${printed(badValue)}`;
  return `${TITLES[type]}${value}${detail === '' ? '' : `: ${detail}`}`;
}

/** The `reason` of the cause in `details.causes`. */
export const fieldErrorReason = (type: FieldErrorType): string =>
  type === 'Internal' ? 'InternalError' : `FieldValue${type}`;

/** Upstream's aggregate: duplicates once, one message bare, several in brackets; empty for none. */
export function aggregateMessage(errors: readonly FieldError[]): string {
  const messages = [...new Set(errors.map(fieldErrorMessage))];
  return messages.length > 1 ? `[${messages.join(', ')}]` : (messages[0] ?? '');
}

function printed(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number' || typeof value === 'bigint') return goNumber(value);
  return goJson(value);
}
