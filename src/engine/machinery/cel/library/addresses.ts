import { goQuote } from '../../go-text.js';
import { BOOL, INT, STRING, opaque } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { Extension } from '../values/extension.js';
import type { Value } from '../values/value.js';
import { declare, member, overload, type FunctionDeclaration } from './function.js';
import { addressText, areSame, isMapped, masked, parseAddress, type Bytes } from './ip-address.js';

const IP = opaque('net.IP');
const CIDR = opaque('net.CIDR');
/** Upstream says so twice of what is no range at all. */
const RANGE_FAULT = 'network address parse error during conversion from string';

class IpValue extends Extension {
  override readonly type = IP;
  readonly bytes: Bytes;

  constructor(bytes: Bytes) {
    super();
    this.bytes = bytes;
  }

  override equals(other: Value): boolean {
    return other instanceof IpValue && areSame(this.bytes, other.bytes);
  }

  override text(): string {
    return addressText(this.bytes);
  }
}

export class CidrValue extends Extension {
  override readonly type = CIDR;
  readonly bytes: Bytes;
  readonly bits: number;

  constructor(bytes: Bytes, bits: number) {
    super();
    this.bytes = bytes;
    this.bits = bits;
  }

  contains(bytes: Bytes): boolean {
    return areSame(masked(this.bytes, this.bits), masked(bytes, this.bits));
  }

  override equals(other: Value): boolean {
    return other instanceof CidrValue && this.bits === other.bits && areSame(this.bytes, other.bytes);
  }

  override text(): string {
    return `${addressText(this.bytes)}/${this.bits}`;
  }
}

/** An address, or why it is none. */
function addressOf(text: string): IpValue | string {
  if (text.includes('%')) return `IP address ${goQuote(text)} with zone value is not allowed`;
  const bytes = parseAddress(text);
  if (bytes === undefined) {
    return `IP Address ${goQuote(text)} parse error during conversion from string: ParseAddr(${goQuote(text)}): unable to parse IP`;
  }
  if (isMapped(bytes)) return `IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`;
  return new IpValue(bytes);
}

function rangeOf(text: string): CidrValue | string {
  const slash = text.lastIndexOf('/');
  const fault = (why: string): string => `${RANGE_FAULT}: ${RANGE_FAULT}: netip.ParsePrefix(${goQuote(text)}): ${why}`;
  if (slash < 0) return fault("no '/'");
  const bytes = parseAddress(text.slice(0, slash));
  if (bytes === undefined) return fault(`ParseAddr(${goQuote(text.slice(0, slash))}): unable to parse IP`);
  const bits = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(bits)) return fault(`bad bits after slash: ${goQuote(bits)}`);
  if (Number(bits) > bytes.length * 8) return fault('prefix length out of range');
  if (isMapped(bytes)) return `${RANGE_FAULT}: IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`;
  return new CidrValue(bytes, Number(bits));
}

function demanded<Parsed>(parsed: Parsed | string): Parsed {
  if (typeof parsed === 'string') throw new CelError(parsed);
  return parsed;
}

const isLoopback = ({ bytes }: IpValue): boolean =>
  bytes.length === 4 ? bytes[0] === 127 : addressText(bytes) === '::1';
const isUnspecified = ({ bytes }: IpValue): boolean => bytes.every((each) => each === 0);
const isMulticast = ({ bytes }: IpValue): boolean =>
  bytes.length === 4 ? (bytes[0]! & 0xf0) === 0xe0 : bytes[0] === 0xff;
const isLinkLocalMulticast = ({ bytes }: IpValue): boolean =>
  bytes.length === 4
    ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0
    : bytes[0] === 0xff && (bytes[1]! & 0x0f) === 2;
const isLinkLocalUnicast = ({ bytes }: IpValue): boolean =>
  bytes.length === 4 ? bytes[0] === 169 && bytes[1] === 254 : bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
function isGlobalUnicast(address: IpValue): boolean {
  if (addressText(address.bytes) === '255.255.255.255') return false;
  return !isUnspecified(address) && !isLoopback(address) && !isMulticast(address) && !isLinkLocalUnicast(address);
}

const question = (name: string, holds: (address: IpValue) => boolean): FunctionDeclaration =>
  declare(
    name,
    member<readonly [IpValue]>([IP], BOOL, ([address]) => holds(address)),
  );
const containsRange = (outer: CidrValue, inner: CidrValue): boolean =>
  outer.bits <= inner.bits && outer.contains(inner.bytes);

export const addresses: readonly FunctionDeclaration[] = [
  declare(
    'ip',
    overload<readonly [string]>([STRING], IP, ([text]) => demanded(addressOf(text))),
    member<readonly [CidrValue]>([CIDR], IP, ([{ bytes }]) => new IpValue(bytes)),
  ),
  declare(
    'isIP',
    overload<readonly [string]>([STRING], BOOL, ([text]) => typeof addressOf(text) !== 'string'),
  ),
  declare(
    'ip.isCanonical',
    overload<readonly [string]>([STRING], BOOL, ([text]) => demanded(addressOf(text)).text() === text),
  ),
  declare(
    'family',
    member<readonly [IpValue]>([IP], INT, ([{ bytes }]) => (bytes.length === 4 ? 4n : 6n)),
  ),
  question('isUnspecified', isUnspecified),
  question('isLoopback', isLoopback),
  question('isLinkLocalMulticast', isLinkLocalMulticast),
  question('isLinkLocalUnicast', isLinkLocalUnicast),
  question('isGlobalUnicast', isGlobalUnicast),
  declare(
    'string',
    overload<readonly [Extension]>([IP], STRING, ([address]) => address.text()),
    overload<readonly [Extension]>([CIDR], STRING, ([range]) => range.text()),
  ),
  declare(
    'cidr',
    overload<readonly [string]>([STRING], CIDR, ([text]) => demanded(rangeOf(text))),
  ),
  declare(
    'isCIDR',
    overload<readonly [string]>([STRING], BOOL, ([text]) => typeof rangeOf(text) !== 'string'),
  ),
  declare(
    'containsIP',
    member<readonly [CidrValue, string]>([CIDR, STRING], BOOL, ([range, text]) =>
      range.contains(demanded(addressOf(text)).bytes),
    ),
    member<readonly [CidrValue, IpValue]>([CIDR, IP], BOOL, ([range, { bytes }]) => range.contains(bytes)),
  ),
  declare(
    'containsCIDR',
    member<readonly [CidrValue, string]>([CIDR, STRING], BOOL, ([outer, text]) =>
      containsRange(outer, demanded(rangeOf(text))),
    ),
    member<readonly [CidrValue, CidrValue]>([CIDR, CIDR], BOOL, ([outer, inner]) => containsRange(outer, inner)),
  ),
  declare(
    'prefixLength',
    member<readonly [CidrValue]>([CIDR], INT, ([{ bits }]) => BigInt(bits)),
  ),
  declare(
    'masked',
    member<readonly [CidrValue]>([CIDR], CIDR, ([{ bytes, bits }]) => new CidrValue(masked(bytes, bits), bits)),
  ),
];
