import { invalid, required, tooLong } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { byteLength } from '../../machinery/go-text.js';
import { checkDnsSubdomain } from '../pod-spec/checks.js';
import { checkDriverName } from '../storage-spec/driver-name.js';

const POOL_NAME_BYTES_MAX = 253;
const IDENTIFIER_BYTES_MAX = 32;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const IDENTIFIER_FAULT =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

export function checkPoolName(report: Report, path: string, name: string): void {
  if (name === '') return report(required(path));
  if (byteLength(name) > POOL_NAME_BYTES_MAX) report(tooLong(path, POOL_NAME_BYTES_MAX));
  for (const part of name.split('/')) checkDnsSubdomain(report, path, part);
}

/** An attribute's or a capacity's name: an identifier, with a driver's domain before it or without. */
export function checkQualifiedIdentifier(report: Report, path: string, name: string): void {
  const [first = '', second, ...more] = name.split('/');
  if (second === undefined) return checkIdentifier(report, path, first);
  if (more.length > 0) return;
  if (first === '') report(invalid(path, '', 'the domain must not be empty'));
  else checkDriverName(report, path, first);
  if (second === '') report(invalid(path, '', 'the name must not be empty'));
  else checkIdentifier(report, path, second);
}

export function checkFullyQualifiedIdentifier(report: Report, path: string, name: string): void {
  checkQualifiedIdentifier(report, path, name);
  if (name.includes('/')) return;
  report(invalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash'));
}

function checkIdentifier(report: Report, path: string, name: string): void {
  if (byteLength(name) > IDENTIFIER_BYTES_MAX) report(tooLong(path, IDENTIFIER_BYTES_MAX));
  if (!IDENTIFIER.test(name)) report(invalid(path, name, IDENTIFIER_FAULT));
}
