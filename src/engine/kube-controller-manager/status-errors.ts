import type { StatusError } from '../machinery/status-error.js';

const hasCause = ({ status }: StatusError, reason: string): boolean =>
  status.details?.causes?.some((cause) => cause.reason === reason) ?? false;

/** Nothing can be created where everything is being deleted: no failure to tell anybody of. */
export const isNamespaceTerminating = (error: StatusError): boolean => hasCause(error, 'NamespaceTerminating');

/** What was to be deleted or patched is gone, or another object took its name. */
export const isGone = ({ code, reason }: StatusError): boolean =>
  code === 404 || (code === 409 && reason === 'Conflict');

export const isAlreadyThere = ({ reason }: StatusError): boolean => reason === 'AlreadyExists';
