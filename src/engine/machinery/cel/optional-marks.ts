/** A string that does not end is one up to its line's end, so that no text takes longer than its length. */
const TOKEN =
  /\/\/[^\n]*|[rRbB]{0,2}(?:"""[^]*?"""|'''[^]*?''')|[rR][bB]?(?:"[^"\n]*"?|'[^'\n]*'?)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\?|[[{,]|\s+|[^]/g;

/**
 * The text with a `!` for each `?` before an item of a literal, `[?x]` or `{?k: v}`, which the grammar lacks: as both
 * stand before all of an item, the tree becomes the same, and the text tells one from the other. An index `[?i]` is
 * left alone.
 */
export function markedOptionals(text: string): string {
  if (!text.includes('?')) return text;
  let marked = '';
  let before = '';
  let isIndex = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const isMark = token === '?' && !isIndex && (before === '[' || before === '{' || before === ',');
    marked += isMark ? '!' : token;
    if (/^(?:\s|\/\/)/.test(token)) continue;
    // Behind an operand a bracket asks for an item of it.
    isIndex = token === '[' && /[\w)\]}"'`]$/.test(before);
    before = token;
  }
  return marked;
}
