const BYTE = /^\d{1,3}$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;
const GROUPS = 8;
const IPV4_BITS = 32;
const IPV6_BITS = 128;
/** How many bytes a hardware address may have. */
const MAC_LENGTHS: readonly number[] = [6, 8, 20];

/** Dotted decimals, leading zeros allowed as Kubernetes' lenient parser has it; also such an address inside of IPv6. */
export const isIpv4 = (text: string): boolean => text.includes('.') && (isDecimal(text, true) || isIpv6(text));

export function isIpv6(text: string): boolean {
  if (!text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const all = groups.flat();
  let count = all.length;
  const last = all.at(-1) ?? '';
  if (last.includes('.')) {
    if (!isDecimal(last, false)) return false;
    all.pop();
    count++;
  }
  if (!all.every((each) => GROUP.test(each))) return false;
  return halves.length === 2 ? count < GROUPS : count === GROUPS;
}

function isDecimal(text: string, allowsZeros: boolean): boolean {
  const parts = text.split('.');
  if (parts.length !== 4) return false;
  return parts.every((part) => {
    if (!(allowsZeros ? /^\d+$/.test(part) : BYTE.test(part))) return false;
    if (!allowsZeros && part.length > 1 && part.startsWith('0')) return false;
    return Number(part) <= 255;
  });
}

export function isCidr(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return false;
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  if (!/^\d{1,3}$/.test(bits)) return false;
  if (isDecimal(address, true)) return Number(bits) <= IPV4_BITS;
  return isIpv6(address) && Number(bits) <= IPV6_BITS;
}

/** Bytes with colons or dashes between them, or pairs of bytes with dots. */
export function isMac(text: string): boolean {
  const separator = text[2] === ':' || text[2] === '-' ? text[2] : text[4] === '.' ? '.' : undefined;
  if (separator === undefined) return false;
  const parts = text.split(separator);
  const digits = separator === '.' ? /^[0-9a-fA-F]{4}$/ : /^[0-9a-fA-F]{2}$/;
  const bytes = separator === '.' ? parts.length * 2 : parts.length;
  return MAC_LENGTHS.includes(bytes) && parts.every((part) => digits.test(part));
}
