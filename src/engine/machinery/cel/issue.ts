/** One fault of an expression, at an offset in UTF-16 units. */
export interface Issue {
  readonly position: number;
  readonly message: string;
}

/** Of a fault of a text as a whole. */
export const NO_POSITION = -1;

/** As cel-go shows its issues: place, message, the line, and a caret below. */
export function issuesText(source: string, issues: readonly Issue[]): string {
  return issues.map((issue) => issueText(source, issue)).join('\n');
}

function issueText(source: string, { position, message }: Issue): string {
  if (position === NO_POSITION) return `ERROR: <input>:-1:0: ${message}`;
  const lines = source.split('\n');
  let start = 0;
  let number = 0;
  while (number < lines.length - 1 && start + lines[number]!.length < position) {
    start += lines[number]!.length + 1;
    number++;
  }
  const line = lines[number] ?? '';
  // Columns count code points; the marks are wide below wide characters.
  const before = [...line.slice(0, position - start)];
  const marks = before.map((character) => (character.codePointAt(0)! > LAST_NARROW ? '．' : '.')).join('');
  const caret = (line.codePointAt(position - start) ?? 0) > LAST_NARROW ? '＾' : '^';
  return `ERROR: <input>:${number + 1}:${before.length + 1}: ${message}\n | ${line.replaceAll('\t', ' ')}\n | ${marks}${caret}`;
}

const LAST_NARROW = 127;
