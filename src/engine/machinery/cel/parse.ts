/** From a text to a syntax tree. The grammar is the library's; places and words of errors are cel-go's. */
import { Environment, ParseError } from '@marcbachmann/cel-js';
import type { Expression } from './expression.js';
import { NO_POSITION, type Issue } from './issue.js';
import { markedOptionals } from './optional-marks.js';
import { DEPTH_MAX, hasManySigns, isTooDeep } from './nesting.js';
import { syntaxIssues } from './syntax-issues.js';
import { MacroError, TreeBuilder, type MacroChoice } from './tree-builder.js';

/** cel-go's limit: code points of a text. */
const TEXT_LENGTH_MAX = 100_000;
const NODES_MAX = 100_000;

const LITERAL_SIZE_MAX = 10_000;
const ARGUMENTS_MAX = 100;

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
    if (error instanceof ParseError) return { issues: syntaxIssues(text, error) };
    throw error;
  }
}
