/** From a text to a syntax tree. The grammar is the library's; places and words of errors are cel-go's. */
import { Environment, ParseError } from '@marcbachmann/cel-js';
import type { Expression } from './expression.js';
import { NO_POSITION, type Issue } from './issue.js';
import { markedOptionals } from './optional-marks.js';
import { DEPTH_MAX, hasManySigns, isTooDeep } from './nesting.js';
import { MacroError, TreeBuilder, type MacroChoice } from './tree-builder.js';

/** cel-go's limit: code points of a text. */
const TEXT_LENGTH_MAX = 100_000;
const NODES_MAX = 100_000;

const LITERAL_SIZE_MAX = 10_000;
const ARGUMENTS_MAX = 100;
const OPERAND = `{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}`;
const AFTER_OPERAND = `{<EOF>, '==', '!=', 'in', '<', '<=', '>=', '>', '&&', '||', '[', '{', '.', '-', '?', '+', '*', '/', '%%'}`;
const TOKENS: Readonly<Record<string, string>> = {
  COLON: `':'`,
  COMMA: `','`,
  LPAREN: `'('`,
  RBRACE: `'}'`,
  RBRACKET: `']'`,
  RPAREN: `')'`,
};

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
  limits: {
    maxAstNodes: NODES_MAX,
    maxDepth: DEPTH_MAX,
    maxListElements: LITERAL_SIZE_MAX,
    maxMapEntries: LITERAL_SIZE_MAX,
    maxCallArguments: ARGUMENTS_MAX,
  },
});

export type Parsed =
  | { readonly expression: Expression; readonly issues?: never }
  | { readonly issues: readonly Issue[]; readonly expression?: never };

const TOO_DEEP: Parsed = { issues: [{ position: NO_POSITION, message: 'max recursion depth exceeded' }] };

export function parse(text: string, macros: MacroChoice = {}): Parsed {
  if (text.length > TEXT_LENGTH_MAX) {
    const message = `expression code point size exceeds limit: size: ${text.length}, limit ${TEXT_LENGTH_MAX}`;
    return { issues: [{ position: 0, message }] };
  }
  try {
    if (hasManySigns(text)) return TOO_DEEP;
    const { ast } = environment.parse(markedOptionals(text));
    if (isTooDeep(ast)) return TOO_DEEP;
    return { expression: new TreeBuilder(text, macros).build(ast) };
  } catch (error) {
    if (error instanceof MacroError) return { issues: [{ position: error.position, message: error.message }] };
    if (error instanceof ParseError) return { issues: [issueOf(text, error)] };
    throw error;
  }
}

/** The library's errors in the words of cel-go's grammar. */
function issueOf(text: string, error: ParseError): Issue {
  const position = error.range?.start ?? 0;
  const token = tokenAt(text, position);
  switch (error.code) {
    case 'unexpected_token':
      return { position, message: `Syntax error: mismatched input '${token}' expecting ${OPERAND}` };
    case 'expected_token': {
      const wanted = /^Expected (\w+)/.exec(error.summary)?.[1] ?? '';
      if (wanted === 'IDENTIFIER')
        return { position, message: `Syntax error: no viable alternative at input '.${token}'` };
      return { position, message: `Syntax error: mismatched input '${token}' expecting ${TOKENS[wanted] ?? wanted}` };
    }
    case 'unexpected_character': {
      if (LEXABLE.test(token)) {
        return {
          position,
          message: `Syntax error: mismatched input '${token}' expecting ${AFTER_OPERAND.replace('%%', '%')}`,
        };
      }
      return { position, message: `Syntax error: token recognition error at: '${token}'` };
    }
    case 'reserved_identifier':
      return { position, message: `reserved identifier: ${token}` };
    case 'unterminated_string':
    case 'unterminated_triple_quoted_string':
    case 'newline_in_string':
      return { position, message: `Syntax error: token recognition error at: '${text.slice(position)}'` };
    case 'limit_exceeded':
      return { position: NO_POSITION, message: `expression recursion limit exceeded: ${DEPTH_MAX}` };
    default:
      if (error.summary.includes('iteration variable')) return { position, message: 'argument must be a simple name' };
      return { position, message: error.summary };
  }
}

const LEXABLE = /^[\w"'()[\]{}.,:?!<>=+\-*/%&|]/;

function tokenAt(text: string, position: number): string {
  if (position >= text.length) return '<EOF>';
  const rest = text.slice(position);
  return /^(?:\w+|"[^"]*"|'[^']*'|[<>=!]=|&&|\|\||.)/s.exec(rest)?.[0] ?? rest.slice(0, 1);
}
