import type { Container, ContainerPort } from '../../machinery/api/core-v1.js';
import type { IntOrString } from '../../machinery/api/runtime.js';
import { duplicate, invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { inclusiveRangeMessage, portNameFaults } from '../../machinery/names.js';
import { checkChoice, isEmpty, reportFaults } from './checks.js';

const PORT_MAX = 65_535;
const PORT_RANGE = inclusiveRangeMessage(1, PORT_MAX);
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

export function checkPorts(report: Report, path: string, ports: readonly ContainerPort[]): void {
  const names = new Set<string>();
  for (const [index, { name, containerPort, hostPort = 0, protocol }] of ports.entries()) {
    const at = `${path}[${index}]`;
    if (!isEmpty(name)) {
      const faults = portNameFaults(name);
      if (faults.length > 0) reportFaults(report, `${at}.name`, name, faults);
      else if (names.has(name)) report(duplicate(`${at}.name`, name));
      else names.add(name);
    }
    if (containerPort === 0) report(required(`${at}.containerPort`));
    else checkPortNumber(report, `${at}.containerPort`, containerPort);
    if (hostPort !== 0) checkPortNumber(report, `${at}.hostPort`, hostPort);
    checkChoice(report, `${at}.protocol`, protocol, PROTOCOLS);
  }
}

export function checkPortNumber(report: Report, path: string, port: number): void {
  if (port < 1 || port > PORT_MAX) report(invalid(path, port, PORT_RANGE));
}

export function checkPortReference(report: Report, path: string, port: IntOrString): void {
  if (typeof port === 'number') checkPortNumber(report, path, port);
  else reportFaults(report, path, port, portNameFaults(port));
}

/** No two of the containers may take one port of the node. `indexOf` names a container that stands elsewhere in its list. */
export function checkHostPorts(report: Report, path: string, containers: readonly Container[]): void {
  let taken: Set<string> | undefined;
  for (const [index, { ports }] of containers.entries()) {
    for (const [portIndex, { protocol = '', hostIP = '', hostPort = 0 }] of (ports ?? []).entries()) {
      if (hostPort === 0) continue;
      const address = `${protocol}/${hostIP}/${hostPort}`;
      taken ??= new Set();
      if (taken.has(address)) report(duplicate(`${path}[${index}].ports[${portIndex}].hostPort`, address));
      taken.add(address);
    }
  }
}
