import { INT, STRING, listOf } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { ArrayList } from '../values/list-value.js';
import { declare, member, type CallContext, type FunctionDeclaration, type Regex } from './function.js';

function regexOf(pattern: string, context: CallContext): Regex {
  try {
    return context.regex(pattern);
  } catch (error) {
    if (error instanceof CelError) throw new CelError(`Illegal regex: ${error.message}`);
    throw error;
  }
}

type Two = readonly [string, string];

export const regexes: readonly FunctionDeclaration[] = [
  declare(
    'find',
    member<Two>(
      [STRING, STRING],
      STRING,
      ([text, pattern], context) => regexOf(pattern, context).findAll(text, 1)[0] ?? '',
    ),
  ),
  declare(
    'findAll',
    member<Two>(
      [STRING, STRING],
      listOf(STRING),
      ([text, pattern], context) => new ArrayList(regexOf(pattern, context).findAll(text, -1)),
    ),
    member<readonly [string, string, bigint]>(
      [STRING, STRING, INT],
      listOf(STRING),
      ([text, pattern, limit], context) => new ArrayList(regexOf(pattern, context).findAll(text, Number(limit))),
    ),
  ),
];
