/** Addresses as bytes: Go's `netip`, as far as CEL shows it. */
export type Bytes = readonly number[];

const DECIMAL = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;
const GROUPS = 8;

/** `undefined` for a text that is no address; zones and IPv4 in IPv6 are the caller's to refuse. */
export function parseAddress(text: string): Bytes | undefined {
  return text.includes(':') ? parseLong(text) : parseShort(text);
}

function parseShort(text: string): Bytes | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((each) => DECIMAL.test(each) && Number(each) <= 255)) return undefined;
  return parts.map(Number);
}

function parseLong(text: string): Bytes | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => groupsOf(half));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = GROUPS * 2 - head.length - (tail?.length ?? 0);
  if (halves.length === 1) return missing === 0 ? head : undefined;
  return missing < 2 ? undefined : [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])];
}

function groupsOf(half: string): Bytes | undefined {
  if (half === '') return [];
  const bytes: number[] = [];
  const groups = half.split(':');
  for (const [index, group] of groups.entries()) {
    if (group.includes('.') && index === groups.length - 1) {
      const short = parseShort(group);
      if (short === undefined) return undefined;
      bytes.push(...short);
    } else if (GROUP.test(group)) {
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    } else return undefined;
  }
  return bytes;
}

/** The canonical form. */
export function addressText(bytes: Bytes): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: GROUPS }, (_none, index) =>
    ((bytes[index * 2]! << 8) | bytes[index * 2 + 1]!).toString(16),
  );
  let best = { start: -1, length: 1 };
  for (let start = 0; start < GROUPS; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.start < 0) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

export const isMapped = (bytes: Bytes): boolean =>
  bytes.length === 16 && bytes.slice(0, 10).every((each) => each === 0) && bytes[10] === 255 && bytes[11] === 255;

export function masked(bytes: Bytes, bits: number): Bytes {
  return bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))) & 0xff);
}

export const areSame = (left: Bytes, right: Bytes): boolean =>
  left.length === right.length && left.every((byte, index) => byte === right[index]);
