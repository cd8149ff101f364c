/**
 * The formats of names. Each function gives upstream's messages for a value that does not have the format, and an empty list
 * for one that has. Mirrors apimachinery's `util/validation` and `api/validate/content`, which differ in the words for length.
 */
import { byteLength } from './go-text.js';

const LABEL_BYTES_MAX = 63;
const SUBDOMAIN_BYTES_MAX = 253;
const PORT_NAME_BYTES_MAX = 15;
const VALID: readonly string[] = [];

interface Format {
  readonly source: string;
  readonly pattern: RegExp;
  readonly explanation: string;
  readonly examples: readonly string[];
}

function defineFormat(source: string, explanation: string, ...examples: readonly string[]): Format {
  return Object.freeze({ source, pattern: new RegExp(`^${source}$`), explanation, examples });
}

const DNS_LABEL_SOURCE = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS_SUBDOMAIN_SOURCE = `${DNS_LABEL_SOURCE}(\\.${DNS_LABEL_SOURCE})*`;
const QUALIFIED_SOURCE = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const dnsLabel = defineFormat(
  DNS_LABEL_SOURCE,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  'my-name',
  '123-abc',
);
const dnsSubdomain = defineFormat(
  DNS_SUBDOMAIN_SOURCE,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  'example.com',
);
const wildcardSubdomain = defineFormat(
  `\\*\\.${DNS_SUBDOMAIN_SOURCE}`,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  '*.example.com',
);
const dns1035Label = defineFormat(
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  'my-name',
  'abc-123',
);
const qualified = defineFormat(
  QUALIFIED_SOURCE,
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  'MyName',
  'my.name',
  '123-abc',
);
const labelValue = defineFormat(
  `(${QUALIFIED_SOURCE})?`,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  'MyValue',
  'my_value',
  '12345',
);
const configKey = defineFormat(
  '[-._a-zA-Z0-9]+',
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  'key.name',
  'KEY_NAME',
  'key-name',
);
const environmentName = defineFormat(
  '[-._a-zA-Z][-._a-zA-Z0-9]*',
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  'my.env-name',
  'MY_ENV.NAME',
  'MyEnvName1',
);

/** RFC 1123 label: `my-name`, at most 63 bytes. */
export function dns1123LabelFaults(value: string): readonly string[] {
  if (value.length <= LABEL_BYTES_MAX && isDnsLabel(value)) return VALID;
  const faults = lengthFaults(value, LABEL_BYTES_MAX, 'characters');
  if (dnsLabel.pattern.test(value)) return faults;
  return [...faults, dnsSubdomain.pattern.test(value) ? 'must not contain dots' : formatFault(dnsLabel)];
}

/** RFC 1123 subdomain: `example.com`, at most 253 bytes. */
export const dns1123SubdomainFaults = (value: string): readonly string[] =>
  value.length <= SUBDOMAIN_BYTES_MAX && isDnsSubdomain(value, value.length)
    ? VALID
    : faultsOf(value, dnsSubdomain, SUBDOMAIN_BYTES_MAX);

/** `*.example.com` */
export const wildcardDns1123SubdomainFaults = (value: string): readonly string[] =>
  faultsOf(value, wildcardSubdomain, SUBDOMAIN_BYTES_MAX);

/** RFC 1035 label: like RFC 1123's, but it starts with a letter. */
export const dns1035LabelFaults = (value: string): readonly string[] => faultsOf(value, dns1035Label, LABEL_BYTES_MAX);

/** A label or annotation key, a finalizer, a resource name: `[prefix/]name`. */
export function qualifiedNameFaults(value: string): readonly string[] {
  if (isQualifiedName(value)) return VALID;
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${formatFault(qualified)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? '';
  const faults: string[] = [];
  if (parts.length === 2) faults.push(...prefixFaults(parts[0] ?? ''));
  if (name === '') faults.push('name part must be non-empty');
  else faults.push(...lengthFaults(name, LABEL_BYTES_MAX, 'bytes').map((fault) => `name part ${fault}`));
  if (!qualified.pattern.test(name)) faults.push(`name part ${formatFault(qualified)}`);
  return faults;
}

/** Empty, or like the name part of a qualified name. */
export function labelValueFaults(value: string): readonly string[] {
  if (value === '' || (value.length <= LABEL_BYTES_MAX && isQualifiedFrom(value, 0))) return VALID;
  const faults = lengthFaults(value, LABEL_BYTES_MAX, 'bytes');
  return labelValue.pattern.test(value) ? faults : [...faults, formatFault(labelValue)];
}

/** A key of a ConfigMap's or a Secret's data. */
export const configMapKeyFaults = (value: string): readonly string[] => [
  ...faultsOf(value, configKey, SUBDOMAIN_BYTES_MAX),
  ...directoryFaults(value),
];

/** The strict form of an environment variable's name. */
export const environmentNameFaults = (value: string): readonly string[] => [
  ...(environmentName.pattern.test(value) ? VALID : [formatFault(environmentName)]),
  ...directoryFaults(value),
];

/** The name of a container's or a Service's port (RFC 6335, lower case only). */
export function portNameFaults(value: string): readonly string[] {
  const faults = [...lengthFaults(value, PORT_NAME_BYTES_MAX, 'characters')];
  if (!/^[-a-z0-9]+$/.test(value)) {
    faults.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) faults.push('must contain at least one letter (a-z)');
  if (value.includes('--')) faults.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) faults.push('must not begin or end with a hyphen');
  return faults;
}

/** What may not stand in a path, the least that every name must satisfy. `isPrefix` for a `generateName`. */
export function pathSegmentFaults(value: string, isPrefix = false): readonly string[] {
  if (!isPrefix && (value === '.' || value === '..')) return [`may not be '${value}'`];
  return ['/', '%'].filter((each) => value.includes(each)).map((each) => `may not contain '${each}'`);
}

/** A `generateName` is judged as if a suffix followed it: its last dash counts as a letter. */
export const maskTrailingDash = (value: string): string =>
  value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value;

/** Upstream's words for a number out of a range. */
export const inclusiveRangeMessage = (low: number, high: number): string =>
  `must be between ${low} and ${high}, inclusive`;

// What follows says the same as the patterns above, for values that are sound: nearly all, and every write has dozens.

const [DASH, DOT, UNDERSCORE] = [45, 46, 95];

const isLowerOrDigit = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
const isAlphanumeric = (code: number): boolean => isLowerOrDigit(code) || (code >= 65 && code <= 90);

function isDnsLabel(value: string): boolean {
  const last = value.length - 1;
  if (last < 0 || value.charCodeAt(0) === DASH || value.charCodeAt(last) === DASH) return false;
  for (let at = 0; at <= last; at++) {
    const code = value.charCodeAt(at);
    if (!isLowerOrDigit(code) && code !== DASH) return false;
  }
  return true;
}

/** Whether everything before `end` is labels with dots between them. */
function isDnsSubdomain(value: string, end: number): boolean {
  let previous = DOT;
  for (let at = 0; at < end; at++) {
    const code = value.charCodeAt(at);
    if (code === DOT) {
      if (previous === DOT || previous === DASH) return false;
    } else if (code === DASH) {
      if (previous === DOT) return false;
    } else if (!isLowerOrDigit(code)) return false;
    previous = code;
  }
  return previous !== DOT && previous !== DASH;
}

function isQualifiedName(value: string): boolean {
  const slash = value.indexOf('/');
  if (value.length - slash - 1 > LABEL_BYTES_MAX || slash > SUBDOMAIN_BYTES_MAX) return false;
  return (slash < 0 || isDnsSubdomain(value, slash)) && isQualifiedFrom(value, slash + 1);
}

/** Whether the rest of the value is a name part, of any length. */
function isQualifiedFrom(value: string, start: number): boolean {
  const last = value.length - 1;
  if (last < start || !isAlphanumeric(value.charCodeAt(start)) || !isAlphanumeric(value.charCodeAt(last))) return false;
  for (let at = start + 1; at < last; at++) {
    const code = value.charCodeAt(at);
    if (!isAlphanumeric(code) && code !== DASH && code !== DOT && code !== UNDERSCORE) return false;
  }
  return true;
}

function faultsOf(value: string, format: Format, bytesMax: number): readonly string[] {
  const faults = lengthFaults(value, bytesMax, 'characters');
  return format.pattern.test(value) ? faults : [...faults, formatFault(format)];
}

function prefixFaults(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  const faults = dnsSubdomain.pattern.test(prefix) ? VALID : [formatFault(dnsSubdomain)];
  return [...lengthFaults(prefix, SUBDOMAIN_BYTES_MAX, 'bytes'), ...faults].map((fault) => `prefix part ${fault}`);
}

function lengthFaults(value: string, bytesMax: number, unit: 'bytes' | 'characters'): readonly string[] {
  // A UTF-16 unit takes three bytes at most, so most values need no count.
  if (value.length * 3 <= bytesMax || byteLength(value) <= bytesMax) return VALID;
  return [`must be no more than ${bytesMax} ${unit}`];
}

function directoryFaults(value: string): readonly string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : VALID;
}

const formatFault = ({ source, explanation, examples }: Format): string =>
  `${explanation} (e.g. ${examples.map((each) => `'${each}', `).join(' or ')}regex used for validation is '${source}')`;
