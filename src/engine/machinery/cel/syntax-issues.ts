/** The grammar's errors in the words of cel-go's, which tries to go on as if a token was too much, or was there. */
import type { ParseError } from '@marcbachmann/cel-js';
import { NO_POSITION, type Issue } from './issue.js';
import { DEPTH_MAX } from './nesting.js';

const OPERAND = `{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}`;
const AFTER_OPERAND = `{<EOF>, '==', '!=', 'in', '<', '<=', '>=', '>', '&&', '||', '[', '{', '.', '-', '?', '+', '*', '/', '%'}`;
const TOKENS: Readonly<Record<string, string>> = { COLON: ':', COMMA: ',', RBRACE: '}', RBRACKET: ']', RPAREN: ')' };
const END = '<EOF>';
const OPERAND_BEGIN = /^[\w"'([{.\-!]/;
/** What may stand behind a bracket that closes. */
const CONTINUATION = /^(?:<EOF>|[)\]},:?.[{+\-*/%<>]|[=!]=|&&|\|\||in$)/;
const LEXABLE = /^[\w"'()[\]{}.,:?!<>=+\-*/%&|]/;
const TOKEN = String.raw`(?:\s|//[^\n]*)*(\w+|"[^"]*"|'[^']*'|[<>=!]=|&&|\|\||.)`;

export function syntaxIssues(text: string, error: ParseError): readonly Issue[] {
  const position = error.range?.start ?? 0;
  const [token, next] = tokensAt(text, position);
  const at = (message: string): readonly Issue[] => [{ position, message }];
  const syntax = (message: string): readonly Issue[] => at(`Syntax error: ${message}`);
  switch (error.code) {
    case 'unexpected_token':
      if (token !== END && OPERAND_BEGIN.test(next)) return syntax(`extraneous input '${token}' expecting ${OPERAND}`);
      return syntax(`mismatched input '${token}' expecting ${OPERAND}`);
    case 'expected_token': {
      const wanted = /^Expected (\w+)/.exec(error.summary)?.[1] ?? '';
      if (wanted === 'IDENTIFIER') {
        if (token === '`') return at("unsupported syntax: '`'");
        return syntax(`no viable alternative at input '.${token === END ? '' : token}'`);
      }
      return syntax(expectation(TOKENS[wanted] ?? wanted, [token, next], isLiteral(text.slice(0, position))));
    }
    case 'unexpected_character':
      if (/^[=&|]$/.test(token)) return unfinished(text, position);
      if (token === '`') return at("unsupported syntax: '`'");
      if (!LEXABLE.test(token)) return syntax(`token recognition error at: '${token}'`);
      if (next === END) return syntax(`extraneous input '${token}' expecting <EOF>`);
      return syntax(`mismatched input '${token}' expecting ${AFTER_OPERAND}`);
    case 'reserved_identifier':
      return at(`reserved identifier: ${token}`);
    case 'unterminated_string':
    case 'unterminated_triple_quoted_string':
    case 'newline_in_string':
      return syntax(`token recognition error at: '${text.slice(position)}'`);
    case 'limit_exceeded':
      return [{ position: NO_POSITION, message: `expression recursion limit exceeded: ${DEPTH_MAX}` }];
    default:
      return at(otherMessage(error.summary));
  }
}

/** A token more or less, and it would do; in a literal a comma would, too. */
function expectation(wanted: string, [token, next]: readonly [string, string], isInLiteral: boolean): string {
  const hasComma = isInLiteral && (wanted === ']' || wanted === '}');
  const expected = hasComma ? `{'${wanted}', ','}` : `'${wanted}'`;
  if (next === wanted) return `extraneous input '${token}' expecting ${expected}`;
  const couldFollow = wanted === ':' ? OPERAND_BEGIN.test(token) : CONTINUATION.test(token);
  return !hasComma && couldFollow
    ? `missing '${wanted}' at '${token}'`
    : `mismatched input '${token}' expecting ${expected}`;
}

/** Half an operator is no token; what stands behind it is one too much. */
function unfinished(text: string, position: number): readonly Issue[] {
  const message = `Syntax error: token recognition error at: '${text.slice(position, position + 2)}'`;
  const rest = position + 2 + (/^\s*/.exec(text.slice(position + 2))?.[0].length ?? 0);
  const [token, next] = tokensAt(text, rest);
  if (token === END || next !== END) return [{ position, message }];
  return [
    { position, message },
    { position: rest, message: `Syntax error: extraneous input '${token}' expecting <EOF>` },
  ];
}

/** Whether the bracket that is open at the end of a text began a literal, and not the index of something. */
function isLiteral(before: string): boolean {
  const open: boolean[] = [];
  let last = '';
  for (const [token] of before.matchAll(/"[^"]*"|'[^']*'|\w+|\S/g)) {
    if (token === '[' || token === '{' || token === '(') open.push(token !== '(' && !/[\w)\]}"']$/.test(last));
    else if (token === ']' || token === '}' || token === ')') open.pop();
    last = token;
  }
  return open.at(-1) === true;
}

/** The token there, and the one behind it. */
function tokensAt(text: string, position: number): readonly [token: string, next: string] {
  const pattern = RegExp(TOKEN, 'sy');
  pattern.lastIndex = position;
  const token = pattern.exec(text)?.[1] ?? END;
  return [token, token === END ? END : (pattern.exec(text)?.[1] ?? END)];
}

function otherMessage(summary: string): string {
  if (summary.includes('iteration variable')) return 'argument must be a simple name';
  if (summary.startsWith('Invalid integer')) return 'invalid uint literal';
  return summary.startsWith('Invalid number') ? 'invalid double literal' : summary;
}
