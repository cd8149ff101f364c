import { internalError, type Status } from '../../../engine/machinery/status-error.js';

/** How the end of a process is told: as JSON (v4 and v5), or by an error's text alone (before v4). */
export type StatusForm = 'json' | 'text';

type ProcessStatus = Pick<Status, 'metadata' | 'status' | 'message' | 'reason' | 'details' | 'code'>;

const SUCCESS: ProcessStatus = { metadata: {}, status: 'Success' };

/** Of an exit code; `detail` is what whoever saw the exit calls it. */
export function exitStatus(code: number, detail: string): ProcessStatus {
  if (code === 0) return SUCCESS;
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${detail}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** Of something that went wrong before or instead of an exit. */
export function failureStatus(message: string): ProcessStatus {
  const { metadata, status, message: text, reason, details, code } = internalError(message).status;
  return {
    metadata,
    status,
    ...(text === undefined ? {} : { message: text }),
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

/** The bytes for the error channel; `undefined` where nothing is said. */
export function statusBytes(status: ProcessStatus, form: StatusForm): Uint8Array | undefined {
  if (form === 'json') return Buffer.from(JSON.stringify(status));
  return status.status === 'Success' ? undefined : Buffer.from(status.message ?? '');
}
