/** One media range of an `Accept` header. `*` stands for any. */
export interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  /** All but `q`. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Ranges of one header that are looked at; the rest counts for nothing. */
const RANGES_MAX = 64;

/** What clients send nearly always: read once. */
const COMMON: ReadonlyMap<string, readonly MediaRange[]> = new Map(
  [
    '*/*',
    'application/json',
    'application/json, */*',
    'application/json,*/*',
    'application/vnd.kubernetes.protobuf',
    'application/vnd.kubernetes.protobuf,application/json',
    'application/vnd.kubernetes.protobuf, application/json',
    'application/vnd.kubernetes.protobuf,application/json;q=0.9',
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
  ].map((header) => [header, Object.freeze(readRanges(header))]),
);

export const parseAccept = (header: string): readonly MediaRange[] => COMMON.get(header) ?? readRanges(header);

/** The ranges, best first. Mirrors goautoneg, oddities of its ordering included: a wildcard comes after what is no wildcard. */
function readRanges(header: string): readonly MediaRange[] {
  const ranges: MediaRange[] = [];
  for (const text of header.split(',').slice(0, RANGES_MAX)) {
    const range = parseRange(text);
    if (range === undefined) continue;
    let position = ranges.length;
    while (position > 0 && isBetter(range, ranges[position - 1]!)) position--;
    ranges.splice(position, 0, range);
  }
  return ranges;
}

function parseRange(text: string): MediaRange | undefined {
  const [name = '', ...rest] = text.split(';');
  const [type = '', subtype, ...more] = name.trim().split('/');
  if (more.length > 0 || (subtype === undefined && type !== '*')) return undefined;
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const part of rest) {
    const [key = '', value] = part.split('=', 2);
    if (value === undefined) continue;
    if (key.trim() === 'q') quality = qualityOf(value);
    else parameters.set(key.trim(), value.trim());
  }
  return { type, subtype: subtype ?? '*', quality, parameters };
}

function qualityOf(text: string): number {
  const quality = Number(text.trim());
  return Number.isNaN(quality) ? 1 : quality;
}

function isBetter(a: MediaRange, b: MediaRange): boolean {
  if (a.quality > b.quality) return true;
  if (a.type !== '*' && b.type === '*') return true;
  return a.subtype !== '*' && b.subtype === '*';
}
