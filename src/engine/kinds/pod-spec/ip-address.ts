import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';

const IPV4_OCTETS = 4;
const IPV6_GROUPS = 8;

/** The eight groups of an IPv6 address, or the four octets of an IPv4 one. Leading zeros are read as decimal, as upstream does. */
export type ParsedAddress =
  { readonly family: 4; readonly parts: readonly number[] } | { readonly family: 6; readonly parts: readonly number[] };

export function parseAddress(text: string): ParsedAddress | undefined {
  if (!text.includes(':')) {
    const parts = parseOctets(text);
    return parts === undefined ? undefined : { family: 4, parts };
  }
  const parts = parseGroups(text);
  return parts === undefined ? undefined : { family: 6, parts };
}

export const isAddress = (text: string): boolean => parseAddress(text) !== undefined;

/** Upstream's check of address fields that are older than its strict rules. */
export function checkAddress(report: Report, path: string, value: string): void {
  if (!isAddress(value)) {
    report(invalid(path, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
  }
}

/** What upstream warns of an address that it accepts; `undefined` when it is in its usual form. */
export function addressWarning(path: string, value: string): string | undefined {
  const address = parseAddress(value);
  if (address === undefined) return undefined;
  const embedded = embeddedOctets(address);
  if (embedded !== undefined || (address.family === 4 && hasLeadingZero(value))) {
    const usual = formatAddress(embedded === undefined ? address : { family: 4, parts: embedded });
    return `${path}: non-standard IP address "${value}" will be considered invalid in a future Kubernetes release: use "${usual}"`;
  }
  const usual = formatAddress(address);
  return address.family === 6 && usual !== value
    ? `${path}: IPv6 address "${value}" should be in RFC 5952 canonical format ("${usual}")`
    : undefined;
}

/** IPv4, or IPv6 in the form of RFC 5952. */
export function formatAddress({ family, parts }: ParsedAddress): string {
  if (family === 4) return parts.join('.');
  const run = longestZeroRun(parts);
  const text = (from: number, to: number): string =>
    parts
      .slice(from, to)
      .map((part) => part.toString(16))
      .join(':');
  return run === undefined
    ? text(0, IPV6_GROUPS)
    : `${text(0, run.start)}::${text(run.start + run.length, IPV6_GROUPS)}`;
}

/** The IPv4 address inside `::ffff:a.b.c.d`. */
function embeddedOctets({ family, parts }: ParsedAddress): readonly number[] | undefined {
  if (family === 4 || parts[5] !== 0xffff || parts.slice(0, 5).some((part) => part !== 0)) return undefined;
  return parts.slice(6).flatMap((part) => [part >> 8, part & 0xff]);
}

function longestZeroRun(parts: readonly number[]): { readonly start: number; readonly length: number } | undefined {
  let best: { start: number; length: number } | undefined;
  for (let start = 0; start < parts.length; start++) {
    let length = 0;
    while (parts[start + length] === 0) length++;
    if (length > 1 && length > (best?.length ?? 0)) best = { start, length };
    start += length;
  }
  return best;
}

const hasLeadingZero = (text: string): boolean =>
  text.split('.').some((part) => part.length > 1 && part.startsWith('0'));

function parseOctets(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== IPV4_OCTETS) return undefined;
  return parts.every((part) => /^\d{1,9}$/.test(part) && Number(part) <= 255) ? parts.map(Number) : undefined;
}

function parseGroups(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 1 ? [] : groupsOf(halves[1] ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = IPV6_GROUPS - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** Only the last part of an address may be written as IPv4. */
function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (isLast && index === parts.length - 1 && part.includes('.')) {
      const octets = parseOctets(part);
      if (octets === undefined) return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = octets;
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
