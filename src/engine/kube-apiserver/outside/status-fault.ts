import { goQuote } from '../../machinery/go-text.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';

/** As client-go tells of an answer that is none. */
export function statusFault(
  { status, body }: { readonly status: number; readonly body: Uint8Array },
  text: TextCodec,
): string {
  const said = text.decode(body).trim();
  switch (status) {
    case 404:
      return 'the server could not find the requested resource';
    case 401:
      return 'Unauthorized';
    case 403:
      return `forbidden: ${said}`;
    default:
      return status >= 500
        ? `an error on the server (${goQuote(said === '' ? 'unknown' : said)}) has prevented the request from succeeding`
        : `the server rejected our request for an unknown reason`;
  }
}
