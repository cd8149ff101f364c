import type { Expression } from './expression.js';

/** What an expression is made of, one level down. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'identifier':
      return [];
    case 'select':
      return [expression.operand];
    case 'call':
      return expression.target === undefined ? expression.args : [expression.target, ...expression.args];
    case 'list':
      return expression.elements;
    case 'map':
      return expression.entries.flat();
    case 'comprehension': {
      const { range, body, filter } = expression;
      return filter === undefined ? [range, body] : [range, filter, body];
    }
    case 'bind':
      return [expression.value, expression.body];
  }
}
