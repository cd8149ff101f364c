import { required, tooLong } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123SubdomainFaults } from '../../machinery/names.js';
import { reportFaults } from '../pod-spec/checks.js';

const NAME_BYTES_MAX = 63;

/** A storage driver's name: a domain, in any case. */
export function checkDriverName(report: Report, path: string, name: string): void {
  if (name === '') return report(required(path));
  if (name.length > NAME_BYTES_MAX) report(tooLong(path, NAME_BYTES_MAX));
  reportFaults(report, path, name, dns1123SubdomainFaults(name.toLowerCase()));
}
