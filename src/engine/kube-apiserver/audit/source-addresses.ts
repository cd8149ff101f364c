/** Where a request comes from. Mirrors apimachinery's `SourceIPs`: what proxies say, then the connection itself. */
import type { WireRequest } from '../wire.js';

const MAPPED_PREFIX = '::ffff:';
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$/i;

export function sourceAddresses({ headers, peer }: Pick<WireRequest, 'headers' | 'peer'>): readonly string[] {
  const addresses: string[] = [];
  for (const part of (headers['x-forwarded-for'] ?? '').split(',')) {
    const address = addressOf(part.trim());
    if (address !== undefined) addresses.push(address);
  }
  const real = addressOf(headers['x-real-ip'] ?? '');
  if (real !== undefined && !addresses.includes(real)) addresses.push(real);
  const remote = addressOf(peer?.remoteAddress ?? '');
  if (remote !== undefined && addresses.at(-1) !== remote) addresses.push(remote);
  return addresses;
}

/** IPv4 as itself, where a socket shows it within IPv6. */
function addressOf(text: string): string | undefined {
  if (!ADDRESS.test(text)) return undefined;
  const lower = text.toLowerCase();
  return lower.startsWith(MAPPED_PREFIX) && lower.includes('.') ? lower.slice(MAPPED_PREFIX.length) : lower;
}
