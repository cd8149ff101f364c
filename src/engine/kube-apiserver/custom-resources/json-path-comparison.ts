import type { JsonValue } from '../../machinery/structure.js';

export type Operator = '<' | '>' | '==' | '!=' | '<=' | '>=';

export const OPERATORS: readonly string[] = ['<', '>', '==', '!=', '<=', '>='];

/** Go's template comparison; `undefined` for values that do not compare. */
export function compareByOperator(left: JsonValue, operator: Operator, right: JsonValue): boolean | undefined {
  const order = orderOf(left, right);
  if (order === undefined) return undefined;
  if (operator === '==') return order === 0;
  if (operator === '!=') return order !== 0;
  if (typeof left === 'boolean') return undefined;
  switch (operator) {
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
  }
}

function orderOf(left: JsonValue, right: JsonValue): number | undefined {
  const isComparable =
    (typeof left === 'string' && typeof right === 'string') ||
    (typeof left === 'boolean' && typeof right === 'boolean') ||
    (isNumeric(left) && isNumeric(right));
  if (!isComparable || left === null || right === null) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

const isNumeric = (value: JsonValue): boolean => typeof value === 'number' || typeof value === 'bigint';
