/** Characters of all warnings of one answer; beyond, each is cut. */
const TOTAL_CHARACTERS_MAX = 4 * 1024;
const CUT_CHARACTERS_MAX = 256;
const LONE_SURROGATES = /\p{Surrogate}/gu;

/**
 * The values of `Warning:` headers as upstream's recorder writes them: each text once, without those that hold control
 * characters, and all cut short where they are too long together. A header is a string of bytes: text beyond ASCII is
 * in UTF-8, a character for each byte.
 */
export function warningHeaders(warnings: readonly string[]): readonly string[] {
  const texts = Array.from(new Set(warnings.map((text) => text.replace(LONE_SURROGATES, '\ufffd')))).filter(
    (text) => text !== '' && !/\p{Cc}/u.test(text),
  );
  const lengths = texts.reduce((sum, text) => sum + lengthOf(text), 0);
  if (lengths <= TOTAL_CHARACTERS_MAX) return texts.map(quoted);
  const kept: string[] = [];
  let written = 0;
  for (const text of texts) {
    if (written >= TOTAL_CHARACTERS_MAX) break;
    const cut = Array.from(text).slice(0, CUT_CHARACTERS_MAX).join('');
    written += lengthOf(cut);
    kept.push(quoted(cut));
  }
  return kept;
}

function lengthOf(text: string): number {
  let length = 0;
  for (const _character of text) length++;
  return length;
}

const quoted = (text: string): string => `299 - "${inBytes(text.replace(/["\\]/g, '\\$&'))}"`;

const inBytes = (text: string): string =>
  encodeURIComponent(text).replace(/%([0-9A-F]{2})/g, (_escape, byte: string) =>
    String.fromCharCode(Number.parseInt(byte, 16)),
  );
