import type { IncomingMessage } from 'node:http';

/** Upstream's limit. */
export const BODY_BYTES_MAX = 3 * 1024 * 1024;
const EMPTY = new Uint8Array(0);

export type BodyOutcome =
  | { readonly type: 'whole'; readonly body: Uint8Array }
  | { readonly type: 'too-large' }
  /** The client went away in the middle of it. */
  | { readonly type: 'aborted' };

/** Reads a body, whatever its media type. `done` is called once, at once where there is no body. */
export function readBody(request: IncomingMessage, done: (outcome: BodyOutcome) => void): void {
  const length = request.headers['content-length'];
  if (length === undefined && request.headers['transfer-encoding'] === undefined) {
    done({ type: 'whole', body: EMPTY });
    return;
  }
  if (Number(length) > BODY_BYTES_MAX) {
    done({ type: 'too-large' });
    return;
  }
  collect(request, done);
}

function collect(request: IncomingMessage, done: (outcome: BodyOutcome) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let isDone = false;
  const finish = (outcome: BodyOutcome): void => {
    if (isDone) return;
    isDone = true;
    chunks = [];
    done(outcome);
  };
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) finish({ type: 'too-large' });
    else if (!isDone) chunks.push(chunk);
  });
  request.on('end', () => {
    const [only] = chunks;
    const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes);
    finish({ type: 'whole', body });
  });
  request.on('error', () => finish({ type: 'aborted' }));
  request.on('close', () => finish({ type: 'aborted' }));
}
