import { RE2JS, RE2JSSyntaxException } from 're2js';

/** A pattern in RE2's syntax, as Go reads it: it is matched in time linear in the text. */
export interface RegularExpression {
  /** Whether the pattern is found anywhere in the text. */
  matches(text: string): boolean;
}

export type CompiledExpression =
  | { readonly expression: RegularExpression; readonly fault?: never }
  /** Go's words: ``error parsing regexp: missing closing ]: `[a` ``. */
  | { readonly fault: string; readonly expression?: never };

const TRAILING_BACKSLASH = 'trailing backslash at end of expression';

export function compileExpression(pattern: string): CompiledExpression {
  try {
    const compiled = RE2JS.compile(pattern);
    return { expression: { matches: (text) => compiled.matcher(text).find() } };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    const { message } = error;
    return { fault: message.endsWith(TRAILING_BACKSLASH) ? `${message}: \`\`` : message };
  }
}
