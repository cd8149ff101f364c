/** Cron expressions as upstream's parser (robfig/cron, standard form) reads them, with its words for what is wrong. */
import { goQuote } from '../../machinery/go-text.js';
import { parseGoDuration } from '../../machinery/schema/go-duration.js';

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
}

const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Minute, hour, day of the month, month, day of the week. */
const FIELDS: readonly Bounds[] = [
  { low: 0, high: 59, names: [] },
  { low: 0, high: 23, names: [] },
  { low: 1, high: 31, names: [] },
  { low: 1, high: 12, names: MONTHS },
  { low: 0, high: 6, names: WEEKDAYS },
];
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** Upstream's error for an expression that is none; `undefined` for one that is. */
export function cronFault(expression: string): string | undefined {
  if (expression === '') return 'empty spec string';
  const spec = withoutZone(expression);
  if (spec.startsWith('@')) return descriptorFault(spec);
  const fields = spec.split(/\s+/).filter((each) => each !== '');
  if (fields.length !== FIELDS.length) {
    return `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  for (const [index, bounds] of FIELDS.entries()) {
    for (const range of (fields[index] ?? '').split(',')) {
      const fault = range === '' ? undefined : rangeFault(range, bounds);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

/** The zone is refused elsewhere, where the whole schedule is known. */
function withoutZone(expression: string): string {
  if (!/^(CRON_)?TZ=/.test(expression)) return expression;
  const space = expression.indexOf(' ');
  return space < 0 ? expression : expression.slice(space).trim();
}

function descriptorFault(spec: string): string | undefined {
  if (DESCRIPTORS.includes(spec)) return undefined;
  if (!spec.startsWith('@every ')) return `unrecognized descriptor: ${spec}`;
  const parsed = parseGoDuration(spec.slice('@every '.length));
  return 'refusal' in parsed ? `failed to parse duration ${spec}: ${parsed.refusal}` : undefined;
}

function rangeFault(range: string, bounds: Bounds): string | undefined {
  const [span = '', stepText, ...more] = range.split('/');
  const limits = spanLimits(range, span, bounds);
  if (typeof limits === 'string') return limits;
  if (more.length > 0) return `too many slashes: ${range}`;
  let [start, end] = limits;
  let step = 1;
  if (stepText !== undefined) {
    const number = numberOf(stepText);
    if (typeof number === 'string') return number;
    step = number;
    if (!span.includes('-')) end = bounds.high;
  }
  if (start < bounds.low) return `beginning of range (${start}) below minimum (${bounds.low}): ${range}`;
  if (end > bounds.high) return `end of range (${end}) above maximum (${bounds.high}): ${range}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${range}`;
  return step === 0 ? `step of range should be a positive number: ${range}` : undefined;
}

/** Start and end, or what is wrong with them. */
function spanLimits(range: string, span: string, bounds: Bounds): readonly [number, number] | string {
  const [low = '', high, ...more] = span.split('-');
  if (low === '*' || low === '?') return [bounds.low, bounds.high];
  const start = valueOf(low, bounds);
  if (typeof start === 'string') return start;
  if (high === undefined) return [start, start];
  if (more.length > 0) return `too many hyphens: ${range}`;
  const end = valueOf(high, bounds);
  return typeof end === 'string' ? end : [start, end];
}

function valueOf(text: string, { names }: Bounds): number | string {
  const named = text === '' ? -1 : names.indexOf(text.toLowerCase());
  return named >= 0 ? named : numberOf(text);
}

function numberOf(text: string): number | string {
  if (!/^[+-]?\d+$/.test(text)) {
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`;
  }
  const number = Number(text);
  return number < 0 ? `negative number (${number}) not allowed: ${text}` : number;
}
