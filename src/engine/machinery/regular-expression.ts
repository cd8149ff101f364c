import { RE2JS, RE2JSSyntaxException } from 're2js';

/** A pattern in RE2's syntax, as Go reads it: it is matched in time linear in the text. */
export interface RegularExpression {
  /** How much there is to do for a character, at worst. */
  readonly size: number;
  /** Whether the pattern is found anywhere in the text. */
  matches(text: string): boolean;
  /** The parts of the text that match, from the left; at most `limit` of them, all where it is negative. */
  findAll(text: string, limit: number): readonly string[];
}

export type CompiledExpression =
  | { readonly expression: RegularExpression; readonly fault?: never }
  /** Go's words: ``error parsing regexp: missing closing ]: `[a` ``. */
  | { readonly fault: string; readonly expression?: never };

const TRAILING_BACKSLASH = 'trailing backslash at end of expression';

export function compileExpression(pattern: string): CompiledExpression {
  try {
    const compiled = RE2JS.compile(pattern);
    return {
      expression: {
        size: compiled.programSize(),
        matches: (text) => compiled.matcher(text).find(),
        findAll: (text, limit) => findAll(compiled, text, limit),
      },
    };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    const { message } = error;
    return { fault: message.endsWith(TRAILING_BACKSLASH) ? `${message}: \`\`` : message };
  }
}

function findAll(compiled: RE2JS, text: string, limit: number): readonly string[] {
  const matcher = compiled.matcher(text);
  const found: string[] = [];
  while (found.length !== limit && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}
