import fc from 'fast-check';
import { unifiedDiff } from './unified-diff.js';

const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, (_each, index) => `line ${index + 1}`);

/** Applies a diff to the text that it was made from. */
function patched(before: readonly string[], diff: string): readonly string[] {
  const now: string[] = [];
  let read = 0;
  for (const line of diff.split('\n').slice(0, -1)) {
    const [, start, count] = /^@@ -(\d+)(?:,(\d+))? /.exec(line) ?? [];
    if (start !== undefined) {
      const first = Number(start) - (count === '0' ? 0 : 1);
      now.push(...before.slice(read, first));
      read = first;
    } else if (line.startsWith('+')) now.push(line.slice(1));
    else {
      if (line.startsWith(' ')) now.push(line.slice(1));
      read++;
    }
  }
  return [...now, ...before.slice(read)];
}

describe('unifiedDiff', () => {
  it('is empty for equal texts', () => {
    expect(unifiedDiff(numbered(9), numbered(9))).toBe('');
  });

  it('shows three lines around a change', () => {
    const now = numbered(9).with(4, 'new');
    expect(unifiedDiff(numbered(9), now)).toBe(
      '@@ -2,7 +2,7 @@\n line 2\n line 3\n line 4\n-line 5\n+new\n line 6\n line 7\n line 8\n',
    );
  });

  it('keeps distant changes apart', () => {
    const now = numbered(30).with(0, 'first').with(29, 'last');
    expect(unifiedDiff(numbered(30), now).match(/^@@.*$/gm)).toEqual(['@@ -1,4 +1,4 @@', '@@ -27,4 +27,4 @@']);
  });

  it('can be applied to what it was made from', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 });
    fc.assert(
      fc.property(texts, texts, (before, now) => {
        expect(patched(before, unifiedDiff(before, now))).toEqual(now);
      }),
    );
  });
});
