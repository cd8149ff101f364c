import type { FieldError } from './field-error.js';
import { aggregateMessage, fieldErrorBody, fieldErrorReason } from './field-error.js';
import { goQuote } from './go-text.js';
import type { GroupResource } from './object.js';

/** `metav1.Status`. Absent fields are left out, as upstream's encoder does. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: {
    readonly continue?: string;
    readonly resourceVersion?: string;
    readonly remainingItemCount?: number;
  };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  /** The HTTP code; upstream leaves it out of a delete's success. */
  readonly code?: number;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The resource's plural name, or the kind where the error is about a body. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export type FailureStatus = Status & { readonly status: 'Failure'; readonly code: number };

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** An expected failure of a request: it reaches the client as this Status. The factories mirror `apimachinery/pkg/api/errors`. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: FailureStatus;

  constructor(status: FailureStatus) {
    super(status.message ?? status.reason ?? 'Failure');
    this.status = status;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }

  get code(): number {
    return this.status.code;
  }

  get retryAfterSeconds(): number | undefined {
    return this.status.details?.retryAfterSeconds;
  }
}

export const OPTIMISTIC_LOCK_MESSAGE =
  'the object has been modified; please apply your changes to the latest version and try again';

/** `deployments.apps`, or `pods` in the core group. */
export const groupResourceText = ({ group, resource }: GroupResource): string =>
  group === '' ? resource : `${resource}.${group}`;

/** `Deployment.apps`, or `Pod` in the core group. */
export const groupKindText = ({ group, kind }: GroupKind): string => (group === '' ? kind : `${kind}.${group}`);

export const notFound = (of: GroupResource, name: string): StatusError =>
  failure(404, 'NotFound', `${named(of, name)} not found`, aboutResource(of, name));

export const alreadyExists = (of: GroupResource, name: string): StatusError =>
  failure(409, 'AlreadyExists', `${named(of, name)} already exists`, aboutResource(of, name));

export const generateNameConflict = (of: GroupResource, name: string, retryAfterSeconds: number): StatusError =>
  failure(
    409,
    'AlreadyExists',
    `${named(of, name)} already exists, the server was not able to generate a unique name for the object`,
    aboutResource(of, name, retryAfterSeconds),
  );

export const conflict = (of: GroupResource, name: string, message = OPTIMISTIC_LOCK_MESSAGE): StatusError =>
  failure(409, 'Conflict', `Operation cannot be fulfilled on ${named(of, name)}: ${message}`, aboutResource(of, name));

/** An apply that other managers' fields stand against; the message is the caller's. */
export const applyConflict = (causes: readonly StatusCause[], message: string): StatusError =>
  failure(409, 'Conflict', message, causes.length === 0 ? {} : { causes });

export function invalid(of: GroupKind, name: string, errors: readonly FieldError[]): StatusError {
  const about = `${groupKindText(of)} ${goQuote(name)} is invalid`;
  const causes = errors.map((error) => ({
    reason: fieldErrorReason(error.type),
    message: fieldErrorBody(error),
    ...present('field', error.field),
  }));
  return failure(422, 'Invalid', errors.length === 0 ? about : `${about}: ${aggregateMessage(errors)}`, {
    ...present('name', name),
    ...present('group', of.group),
    ...present('kind', of.kind),
    ...(causes.length === 0 ? {} : { causes }),
  });
}

export function forbidden(of: GroupResource, name: string, message: string): StatusError {
  const about = of.group === '' && of.resource === '' ? '' : name === '' ? groupResourceText(of) : named(of, name);
  const text = about === '' ? `forbidden: ${message}` : `${about} is forbidden: ${message}`;
  return failure(403, 'Forbidden', text, aboutResource(of, name));
}

export const badRequest = (message: string): StatusError => failure(400, 'BadRequest', message);

/** The words of a refused credential are `Unauthorized`; without any, Go clients' own `not authorized`. */
export const unauthorized = (message = 'Unauthorized'): StatusError =>
  failure(401, 'Unauthorized', message === '' ? 'not authorized' : message);

/** What is asked for is compacted. `continueToken` goes to `metadata.continue`, for an inconsistent rest of a list. */
export const resourceExpired = (message: string, continueToken?: string): StatusError =>
  new StatusError({
    ...failureStatus(410, 'Expired', message),
    metadata: continueToken === undefined ? {} : { continue: continueToken },
  });

export const timeout = (message: string, retryAfterSeconds = 0, causes: readonly StatusCause[] = []): StatusError =>
  failure(504, 'Timeout', `Timeout: ${message}`, {
    ...(causes.length === 0 ? {} : { causes }),
    ...retryAfter(retryAfterSeconds),
  });

/** The message is sent as it is. */
export const tooManyRequests = (
  message: string,
  retryAfterSeconds = 0,
  causes: readonly StatusCause[] = [],
): StatusError =>
  failure(429, 'TooManyRequests', message, {
    ...(causes.length === 0 ? {} : { causes }),
    ...retryAfter(retryAfterSeconds),
  });

export const internalError = (message: string): StatusError =>
  failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

/** An error that upstream did not foresee as a Status: 500 without a reason. */
export const unknownError = (message: string): StatusError => failure(500, '', message);

export const serviceUnavailable = (message: string): StatusError => failure(503, 'ServiceUnavailable', message);

export const notAcceptable = (message: string): StatusError => failure(406, 'NotAcceptable', message);

export const notAcceptableTypes = (accepted: readonly string[]): StatusError =>
  notAcceptable(`only the following media types are accepted: ${accepted.join(', ')}`);

export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  failure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

export const requestEntityTooLarge = (message: string): StatusError =>
  failure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);

/** A path of a known group and version that names no resource. */
export const genericNotFound = (): StatusError =>
  failure(404, 'NotFound', 'the server could not find the requested resource', {});

/** A verb that a resource's path does not serve. */
export const genericMethodNotAllowed = (): StatusError =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

/** A patch that parses but cannot be applied. */
export const genericInvalid = (): StatusError =>
  failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

/** The success Status of a delete: `details` name what went. */
export const success = (details?: StatusDetails): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  ...(details === undefined ? {} : { details }),
});

const failure = (code: number, reason: string, message: string, details?: StatusDetails): StatusError =>
  new StatusError(failureStatus(code, reason, message, details));

const failureStatus = (code: number, reason: string, message: string, details?: StatusDetails): FailureStatus => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  ...present('message', message),
  ...present('reason', reason),
  ...(details === undefined ? {} : { details }),
  code,
});

const named = (of: GroupResource, name: string): string => `${groupResourceText(of)} ${goQuote(name)}`;

const aboutResource = ({ group, resource }: GroupResource, name: string, retryAfterSeconds = 0): StatusDetails => ({
  ...present('name', name),
  ...present('group', group),
  ...present('kind', resource),
  ...retryAfter(retryAfterSeconds),
});

const retryAfter = (retryAfterSeconds: number): { retryAfterSeconds?: number } =>
  retryAfterSeconds === 0 ? {} : { retryAfterSeconds };

const present = <Key extends string>(key: Key, value: string): { readonly [K in Key]?: string } =>
  value === '' ? {} : ({ [key]: value } as { [K in Key]: string });
