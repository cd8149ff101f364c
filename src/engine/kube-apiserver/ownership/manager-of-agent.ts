import { byteLength } from '../../machinery/go-text.js';

const BYTES_MAX = 128;
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** The manager that a client is who names none: its user agent up to the first slash, as far as it can be printed. */
export function managerOfAgent(userAgent: string | undefined): string {
  const name = (userAgent ?? '').split('/', 1)[0]?.replace(UNPRINTABLE, '') ?? '';
  if (byteLength(name) <= BYTES_MAX) return name;
  let kept = '';
  for (const character of name) {
    if (byteLength(kept) + byteLength(character) > BYTES_MAX) break;
    kept += character;
  }
  return kept;
}
