import type { ServerResponse } from 'node:http';
import { constants, gzip } from 'node:zlib';
import { AUDIT_ID_HEADER } from '../../hosting/audit-id.js';
import type { WireHead, WireReply, WireResponse, WireStream } from '../../engine/kube-apiserver/wire.js';

/** Bodies of more than this are compressed for clients that take it, as upstream does, at its level. */
const GZIP_BYTES_MIN = 128 * 1024;
const GZIP_OPTIONS = { level: constants.Z_BEST_SPEED };
/** Few parts are written one by one; more are joined up to this size, above which a copy costs more than the writes. */
const SINGLE_PARTS_MAX = 2;
const JOIN_BYTES_MAX = 64 * 1024;
/** What a stream's reader may be behind, besides what the stream began with. */
export const STREAM_QUEUE_BYTES_MAX = 16 * 1024 * 1024;

/** Writes a cluster's answer to one HTTP response. */
export class HttpReply implements WireReply, WireStream {
  readonly #response: ServerResponse;
  readonly #takesGzip: boolean;
  readonly #auditID: string;
  /** Absent where no request goes on to a server outside. */
  readonly forward?: Forward;
  #queueBytesMax = Infinity;

  /** `auditID` is told in a header of every answer. */
  constructor(response: ServerResponse, acceptEncoding: string | undefined, auditID: string, forward?: Forward) {
    this.#response = response;
    this.#auditID = auditID;
    if (forward !== undefined) this.forward = forward;
    this.#takesGzip = acceptEncoding !== undefined && /(?:^|[\s,])gzip(?:$|[\s,;])/i.test(acceptEncoding);
  }

  respond({ status, headers, body }: WireResponse): void {
    const bytes = body.reduce((sum, part) => sum + part.byteLength, 0);
    if (this.#takesGzip && bytes > GZIP_BYTES_MIN && headers['content-encoding'] === undefined) {
      this.#respondCompressed({ status, headers }, body);
      return;
    }
    const own = { ...headers, [AUDIT_ID_HEADER]: this.#auditID, 'content-length': bytes };
    this.#response.writeHead(status, own as Headers);
    this.#endWith(body, bytes);
  }

  stream({ status, headers }: WireHead): WireStream {
    this.#response.writeHead(status, { ...headers, [AUDIT_ID_HEADER]: this.#auditID } as Headers);
    this.#response.flushHeaders();
    // The state that a watch begins with comes in one piece, however large; from then on the reader must keep up.
    setImmediate(() => {
      this.#queueBytesMax = this.#response.writableLength + STREAM_QUEUE_BYTES_MAX;
    });
    return this;
  }

  write(chunk: Uint8Array): void {
    if (this.#response.destroyed) return;
    this.#response.write(chunk);
    // Closing tells a client to list and watch anew; the `close` event then cancels the watch.
    if (this.#response.writableLength > this.#queueBytesMax) this.#response.destroy();
  }

  end(): void {
    this.#response.end();
  }

  #endWith(body: readonly Uint8Array[], bytes: number): void {
    if (body.length <= 1) this.#response.end(body[0]);
    else if (body.length > SINGLE_PARTS_MAX && bytes <= JOIN_BYTES_MAX) this.#response.end(Buffer.concat(body, bytes));
    else {
      this.#response.cork();
      for (const part of body) this.#response.write(part);
      this.#response.end();
      this.#response.uncork();
    }
  }

  #respondCompressed({ status, headers }: WireHead, body: readonly Uint8Array[]): void {
    gzip(Buffer.concat(body), GZIP_OPTIONS, (error, compressed) => {
      if (this.#response.destroyed) return;
      if (error !== null) {
        this.#response.destroy(error);
        return;
      }
      const more = {
        [AUDIT_ID_HEADER]: this.#auditID,
        'content-encoding': 'gzip',
        'content-length': compressed.byteLength,
        vary: 'Accept-Encoding',
      };
      this.#response.writeHead(status, { ...headers, ...more } as Headers);
      this.#response.end(compressed);
    });
  }
}

type Forward = NonNullable<WireReply['forward']>;
type Headers = Record<string, number | string | string[]>;
