/** One simple command of a script. */
export interface Command {
  /** What decides whether it runs: `;` always, `&&` after success, `||` after failure. */
  readonly after: ';' | '&&' | '||';
  readonly words: readonly Word[];
  readonly redirect?: { readonly target: Word; readonly isAppending: boolean };
}

/** A word's pieces; those in single quotes are not expanded. */
export type Word = readonly { readonly text: string; readonly isLiteral: boolean }[];

const COMMANDS_MAX = 10_000;
const KEYWORDS = /^(if|for|while|until|case|function|select|then|do|\{|\(|\[\[)$/;
const TOKEN = /\s*(?:(&&|\|\||;|\n|>>|>|#[^\n]*)|((?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s;&|<>'"\\()`])+))/y;
const PIECE = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\]+)/gs;

/** The simple commands of a script; `undefined` where it uses more of the shell than that. */
export function parseScript(script: string): readonly Command[] | undefined {
  const commands: Command[] = [];
  let after: Command['after'] = ';';
  let words: Word[] = [];
  let redirect: Command['redirect'];
  let redirection: '>' | '>>' | undefined;
  const close = (next: Command['after']): void => {
    if (words.length > 0) commands.push({ after, words, ...(redirect === undefined ? {} : { redirect }) });
    after = next;
    words = [];
    redirect = undefined;
  };
  const text = script.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text);
    if (token === null || commands.length >= COMMANDS_MAX) return undefined;
    const [, operator, word] = token;
    if (word !== undefined) {
      const pieces = piecesOf(word);
      if (words.length === 0 && KEYWORDS.test(word)) return undefined;
      if (pieces.some((piece) => !piece.isLiteral && /\$\(|`/.test(piece.text))) return undefined;
      if (redirection === undefined) words.push(pieces);
      else redirect = { target: pieces, isAppending: redirection === '>>' };
      redirection = undefined;
    } else if (redirection !== undefined) return undefined;
    else if (operator === '>' || operator === '>>') redirection = operator;
    else if (operator === '&&' || operator === '||') close(operator);
    else if (operator === ';' || operator === '\n') close(';');
  }
  close(';');
  return redirection === undefined ? commands : undefined;
}

/** A word with its variables put in. */
export const expanded = (word: Word, value: (name: string) => string): string =>
  word
    .map(({ text, isLiteral }) =>
      isLiteral
        ? text
        : text.replace(/\$(?:\{(\w+)\}|(\w+|\?))/g, (_, braced?: string, bare?: string) => value(braced ?? bare ?? '')),
    )
    .join('');

const piecesOf = (word: string): Word =>
  Array.from(word.matchAll(PIECE), ([, single, double, escaped, bare]) => {
    const literal = single ?? escaped;
    if (literal !== undefined) return { text: literal, isLiteral: true };
    return { text: (double ?? bare ?? '').replace(/\\(["\\$])/g, '$1'), isLiteral: false };
  });
