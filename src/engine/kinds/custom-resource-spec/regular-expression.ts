import { compileExpression } from '../../machinery/regular-expression.js';

/** Go's words for what is wrong with a pattern; `undefined` when it can be read. */
export const regularExpressionFault = (pattern: string): string | undefined => compileExpression(pattern).fault;
