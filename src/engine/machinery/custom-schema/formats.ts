/** The string formats that apiextensions knows, by their names without dashes; mirrors kube-openapi's strfmt. */
import { parseGoDuration } from '../schema/go-duration.js';
import { isCalendarDate, isDateTime } from './date-formats.js';
import { isCidr, isIpv4, isIpv6, isMac } from './address-formats.js';
import { isCreditCard, isIsbn10, isIsbn13 } from './number-formats.js';

type Check = (text: string) => boolean;

const UUID_PARTS = ['[0-9a-f]{8}', '[0-9a-f]{4}', '[0-9a-f]{4}', '[0-9a-f]{4}', '[0-9a-f]{12}'];
const SHORT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SHORT_NAME_LENGTH_MAX = 63;
const LONG_NAME_LENGTH_MAX = 253;
const HOST_LENGTH_MAX = 255;
const LABEL_LENGTH_MAX = 63;
const SSN_LENGTH = 11;
const RGB_PART = '(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])';
const RGB = RegExp(`^rgb\\(\\s*${RGB_PART}\\s*,\\s*${RGB_PART}\\s*,\\s*${RGB_PART}\\s*\\)$`);

const CHECKS: Readonly<Record<string, Check>> = {
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  uri: isRequestUri,
  email: isEmail,
  hostname: isHostname,
  ipv4: isIpv4,
  ipv6: isIpv6,
  cidr: isCidr,
  mac: isMac,
  uuid: uuidCheck({}),
  uuid3: uuidCheck({ 2: '3[0-9a-f]{3}' }),
  uuid4: uuidCheck({ 2: '4[0-9a-f]{3}', 3: '[89ab][0-9a-f]{3}' }),
  uuid5: uuidCheck({ 2: '5[0-9a-f]{3}', 3: '[89ab][0-9a-f]{3}' }),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => text.length === SSN_LENGTH && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: (text) => RGB.test(text),
  byte: isBase64,
  password: () => true,
  date: isCalendarDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: isShortName,
  k8slongname: (text) => text.length <= LONG_NAME_LENGTH_MAX && text.split('.').every((each) => SHORT_NAME.test(each)),
};

/** Whether a text is of a format; `undefined` for one that is not known, which says nothing. */
export function formatCheckOf(format: string): Check | undefined {
  const name = format.replaceAll('-', '');
  return Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
}

function uuidCheck(changes: Readonly<Record<number, string>>): Check {
  const pattern = RegExp(`^${UUID_PARTS.map((part, index) => changes[index] ?? part).join('-?')}$`, 'i');
  return (text) => pattern.test(text);
}

function isShortName(text: string): boolean {
  return text.length <= SHORT_NAME_LENGTH_MAX && SHORT_NAME.test(text);
}

/** Four by four, the last padded; each test is linear in the text. */
function isBase64(text: string): boolean {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** Go's `url.ParseRequestURI`: an absolute URI or an absolute path. */
function isRequestUri(text: string): boolean {
  if (text === '' || hasControlCharacter(text)) return false;
  if (text === '*') return true;
  if (/%(?![0-9a-fA-F]{2})/.test(text.split('?', 1)[0] ?? '')) return false;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[0];
  if (scheme === undefined) return text.startsWith('/');
  const rest = text.slice(scheme.length);
  if (!rest.startsWith('/')) return rest !== '' || scheme.length > 1;
  if (!rest.startsWith('//')) return true;
  const authority = rest.slice(2).split(/[/?]/, 1)[0] ?? '';
  return isAuthority(authority);
}

function isAuthority(authority: string): boolean {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (/[\s<>"{}|\\^`]/.test(host)) return false;
  const port = /:([^:\]]*)$/.exec(host)?.[1];
  return port === undefined || /^\d*$/.test(port);
}

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** An address as in a mail's header, with or without a name before it. */
function isEmail(text: string): boolean {
  const named = /^[^<>]*<([^<>]+)>\s*$/.exec(text)?.[1] ?? text.trim();
  const at = named.lastIndexOf('@');
  if (at <= 0) return false;
  const [local, domain] = [named.slice(0, at), named.slice(at + 1)];
  const isLocal = /^"[^"\\]*"$/.test(local) || isDotted(local);
  return isLocal && (isDotted(domain) || /^\[[^[\]\\]+\]$/.test(domain));
}

const isDotted = (text: string): boolean =>
  text.split('.').every((part) => /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+$/u.test(part));

/** Segments of letters, digits and symbols with inner dashes; the last of several has letters only. */
function isHostname(text: string): boolean {
  if (text.length > HOST_LENGTH_MAX) return false;
  const labels = text.split('.');
  if (labels.some((label) => label.length > LABEL_LENGTH_MAX)) return false;
  const isLabel = (label: string): boolean =>
    /^[a-zA-Z0-9\p{S}\p{L}]([a-zA-Z0-9\p{S}\p{L}-]*[a-zA-Z0-9\p{S}\p{L}])?$/u.test(label);
  if (labels.length === 1) return isLabel(text);
  const last = labels.pop() ?? '';
  return /^\p{L}{2,63}$/u.test(last) && labels.every(isLabel);
}

/** Begins where digits begin: from each digit on, a long number would be looked through again. */
const SCALA_UNIT = /(?<!\d)(\d+)\s*([A-Za-zµ]+)/g;
const UNITS = ['ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'hr', 'd', 'w', 'wk'];
const UNIT_WORDS = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week'];

/** Go's durations, and those of Scala: `2 days`. */
function isDuration(text: string): boolean {
  if ('nanoseconds' in parseGoDuration(text)) return true;
  for (const [, , unit = ''] of text.matchAll(SCALA_UNIT)) {
    const name = unit.toLowerCase();
    if (UNITS.includes(name) || UNIT_WORDS.some((word) => name.startsWith(word))) return true;
  }
  return false;
}
