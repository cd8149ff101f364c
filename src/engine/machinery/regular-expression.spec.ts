import { compileExpression } from './regular-expression.js';

describe('compileExpression', () => {
  it('finds a pattern anywhere in a text', () => {
    expect(compileExpression('b+').expression?.matches('abbc')).toBe(true);
    expect(compileExpression('^b').expression?.matches('abbc')).toBe(false);
  });

  it('matches what would take a backtracking engine for ever', () => {
    const { expression } = compileExpression('^(a+)+$');
    expect(expression?.matches(`${'a'.repeat(20_000)}b`)).toBe(false);
  });

  it.each([
    ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['[a', 'error parsing regexp: missing closing ]: `[a`'],
    ['*', 'error parsing regexp: missing argument to repetition operator: `*`'],
    ['a\\', 'error parsing regexp: trailing backslash at end of expression: ``'],
  ])('says of %s what Go says', (pattern, fault) => {
    expect(compileExpression(pattern).fault).toBe(fault);
  });
});
