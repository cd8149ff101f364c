import { check, type Variables } from './checker.js';
import { issuesText } from './issue.js';
import { parse } from './parse.js';
import { typeText, type Type } from './types.js';

export type CheckedExpression =
  | { readonly type: Type; readonly fault?: never }
  /** In upstream's words. */
  | { readonly fault: string; readonly type?: never };

/** Whether a text is an expression, and one of the types it must have; any type will do where none is named. */
export function checkExpression(text: string, variables: Variables, wanted: readonly Type[] = []): CheckedExpression {
  const { expression, issues } = parse(text);
  if (expression === undefined) return { fault: `compilation failed: ${issuesText(text, issues)}` };
  const checked = check(expression, variables);
  if (checked.issues.length > 0) return { fault: `compilation failed: ${issuesText(text, checked.issues)}` };
  const { type } = checked;
  if (wanted.length === 0 || wanted.some(({ kind }) => kind === type.kind)) return { type };
  const names = wanted.map(nameOf);
  const rule =
    names.length === 1 ? `must evaluate to ${names[0] ?? ''}` : `must evaluate to one of [${names.join(' ')}]`;
  return { fault: `${rule} but got ${nameOf(type)}` };
}

const nameOf = (type: Type): string => (type.kind === 'null' ? 'null_type' : typeText(type));
