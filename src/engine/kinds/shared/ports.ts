import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { inclusiveRangeMessage } from '../../machinery/names.js';

export const PROTOCOLS: readonly string[] = ['SCTP', 'TCP', 'UDP'];

const PORT_MAX = 65_535;

export function checkPortNumber(report: Report, path: string, port: number): void {
  if (port < 1 || port > PORT_MAX) report(invalid(path, port, inclusiveRangeMessage(1, PORT_MAX)));
}
