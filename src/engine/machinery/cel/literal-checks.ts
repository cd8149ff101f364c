/** Mirrors cel-go's validators of literals, which Kubernetes runs on every new expression that type-checks. */
import { compileExpression } from '../regular-expression.js';
import { partsOf } from './expression-parts.js';
import type { Call, Expression, ListLiteral, MapLiteral } from './expression.js';
import type { Issue } from './issue.js';
import { interpolated, unfitText, type Verb } from './library/text-format.js';
import { parseDuration, parseTimestamp } from './library/time-text.js';
import { typeText, unwrapped, type Type } from './types.js';
import { CelError } from './values/cel-error.js';

type TypeOf = (expression: Expression) => Type;

export function literalIssues(expression: Expression, typeOf: TypeOf): readonly Issue[] {
  const issues: Issue[] = [];
  visit(expression, false, { typeOf, issues });
  return issues;
}

interface Findings {
  readonly typeOf: TypeOf;
  readonly issues: Issue[];
}

/** What `format` is given may be of different types, however deep it lies. */
function visit(part: Expression, isFormatted: boolean, findings: Findings): void {
  if (part.kind === 'list' && !isFormatted) checkList(part, findings);
  if (part.kind === 'map' && !isFormatted) checkMap(part, findings);
  if (part.kind === 'call') checkCall(part, findings);
  const isBelowFormat = isFormatted || (part.kind === 'call' && part.name === 'format');
  for (const each of partsOf(part)) visit(each, isBelowFormat, findings);
}

function checkList({ elements, optionals }: ListLiteral, { typeOf, issues }: Findings): void {
  let first: string | undefined;
  for (const [index, element] of elements.entries()) {
    const type = typeOf(element);
    const text = typeText(optionals.includes(index) ? unwrapped(type) : type);
    first ??= text;
    if (text === first) continue;
    issues.push(mismatch(element, first, text));
    return;
  }
}

function checkMap({ entries, optionals }: MapLiteral, { typeOf, issues }: Findings): void {
  let first: readonly [key: string, value: string] | undefined;
  for (const [index, [key, value]] of entries.entries()) {
    const type = typeOf(value);
    const texts = [typeText(typeOf(key)), typeText(optionals.includes(index) ? unwrapped(type) : type)] as const;
    first ??= texts;
    if (texts[0] !== first[0]) issues.push(mismatch(key, first[0], texts[0]));
    if (texts[1] !== first[1]) issues.push(mismatch(value, first[1], texts[1]));
  }
}

const mismatch = ({ position }: Expression, wanted: string, found: string): Issue => ({
  position,
  message: `expected type '${wanted}' but found '${found}'`,
});

/** Whether a text may be given to a function. */
const ACCEPTS: Readonly<Record<string, (text: string) => boolean>> = {
  duration: (text) => parseDuration(text) !== undefined,
  timestamp: (text) => parseTimestamp(text) !== undefined,
  matches: (text) => compileExpression(text).expression !== undefined,
};

function checkCall(call: Call, findings: Findings): void {
  const { name, target, args } = call;
  const [first] = args;
  if (first?.kind === 'literal' && typeof first.value === 'string' && Object.hasOwn(ACCEPTS, name)) {
    if (ACCEPTS[name]?.(first.value) === false) {
      findings.issues.push({ position: first.position, message: `invalid ${name} argument` });
    }
  }
  if (name === 'format' && target?.kind === 'literal' && typeof target.value === 'string' && first?.kind === 'list') {
    checkFormat(call, { text: target.value, args: first.elements }, findings);
  }
}

/** Kinds of types that a clause shows; what is dynamic is seen when it runs. */
const SHOWN: Readonly<Record<Verb, readonly string[]>> = {
  s: 'list map int uint double bool string timestamp bytes duration type null'.split(' '),
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['int', 'uint', 'bool'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
  o: ['int', 'uint'],
};

function checkFormat(
  { position }: Call,
  { text, args }: { readonly text: string; readonly args: readonly Expression[] },
  { typeOf, issues }: Findings,
): void {
  let used = 0;
  let at = position;
  try {
    interpolated(text, args.length, ({ verb }, index) => {
      used++;
      const arg = args[index]!;
      const type = typeOf(arg);
      if (type.kind === 'dyn' || SHOWN[verb].includes(type.kind)) return '';
      at = arg.position;
      throw new CelError(unfitText(verb, type.kind === 'opaque' ? type.name : type.kind));
    });
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    issues.push({ position: at, message: error.message });
    return;
  }
  if (args.length <= used) return;
  const message = `too many arguments supplied to string.format (expected ${used}, got ${args.length})`;
  issues.push({ position, message });
}
