import { goQuote } from '../../machinery/go-text.js';
import { parseJson } from '../../machinery/json/parse-json.js';
import { isJsonObject } from '../../machinery/structure.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { OutsideResult } from './outside-effect.js';

/** Of an answer that is no Status, so much is told. */
const TEXT_BYTES_MAX = 2_048;

const FIXED: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** As client-go tells of an answer that is none. */
export function statusFault(result: Extract<OutsideResult, { readonly status: number }>, text: TextCodec): string {
  const { status, body, headers } = result;
  const own = statusMessage(text.decode(body));
  if (own !== undefined) return own;
  const type = String(headers?.['content-type'] ?? 'text/plain');
  const said = /^\s*text\//i.test(type) ? text.decode(body.slice(0, TEXT_BYTES_MAX)).trim() : 'unknown';
  switch (status) {
    case 403:
    case 415:
      return said;
    case 406:
      return said === '' || said === 'unknown'
        ? 'the server was unable to respond with a content type that the client supports'
        : said;
    default: {
      const fixed = FIXED[status];
      if (fixed !== undefined) return fixed;
      return status >= 500
        ? `an error on the server (${goQuote(said)}) has prevented the request from succeeding`
        : `the server responded with the status code ${status} but did not return more information`;
    }
  }
}

/** What a Status says: one that names no kind is taken for one. */
function statusMessage(body: string): string | undefined {
  const { value, fault } = parseJson(body);
  if (fault !== undefined || !isJsonObject(value)) return undefined;
  const { kind = 'Status', apiVersion = 'v1', status, message } = value;
  if (kind !== 'Status' || apiVersion !== 'v1' || status === 'Success') return undefined;
  return typeof message === 'string' ? message : '';
}
