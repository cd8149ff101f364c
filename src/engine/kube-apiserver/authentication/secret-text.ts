import type { Secret } from '../../machinery/api/core-v1.js';
import { decodeBase64Url } from '../../machinery/base64.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';

/** One value of a Secret; empty where there is none. */
export function secretText({ data }: Secret, key: string, text: TextCodec): string {
  const encoded = data?.[key] ?? '';
  if (encoded === '') return '';
  const { bytes } = decodeBase64Url(encoded.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''));
  return bytes === undefined ? '' : text.decode(bytes);
}
