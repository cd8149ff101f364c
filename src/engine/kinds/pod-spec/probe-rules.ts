import type { Lifecycle, LifecycleHandler, Probe, ProbeHandler } from '../../machinery/api/core-v1.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { checkNonNegative, isEmpty } from './checks.js';
import { checkPortNumber, checkPortReference } from './port-rules.js';

const SCHEMES = ['HTTP', 'HTTPS'];
const HEADER_NAME = /^[-A-Za-z0-9]+$/;
const HEADER_FAULT =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

export type ProbeKind = 'livenessProbe' | 'readinessProbe' | 'startupProbe';

export function checkProbe(report: Report, path: string, probe: Probe, kind: ProbeKind): void {
  checkHandler(report, path, probe, undefined);
  checkNonNegative(report, `${path}.initialDelaySeconds`, probe.initialDelaySeconds);
  checkNonNegative(report, `${path}.timeoutSeconds`, probe.timeoutSeconds);
  checkNonNegative(report, `${path}.periodSeconds`, probe.periodSeconds);
  checkNonNegative(report, `${path}.successThreshold`, probe.successThreshold);
  checkNonNegative(report, `${path}.failureThreshold`, probe.failureThreshold);
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    report(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
  if (kind !== 'readinessProbe') {
    const { successThreshold = 0 } = probe;
    if (successThreshold !== 1) report(invalid(`${path}.successThreshold`, successThreshold, 'must be 1'));
  } else if (grace !== undefined) {
    report(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
  }
}

/** `gracePeriod` bounds what a sleeping hook may take; `undefined` when that itself is faulty. */
export function checkLifecycle(
  report: Report,
  path: string,
  { postStart, preStop }: Lifecycle,
  gracePeriod: number | undefined,
): void {
  if (postStart !== undefined) checkHandler(report, `${path}.postStart`, postStart, gracePeriod);
  if (preStop !== undefined) checkHandler(report, `${path}.preStop`, preStop, gracePeriod);
}

function checkHandler(
  report: Report,
  path: string,
  handler: ProbeHandler & LifecycleHandler,
  gracePeriod: number | undefined,
): void {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  let isTaken = false;
  const takes = (name: string): boolean => {
    if (isTaken) report(forbidden(`${path}.${name}`, 'may not specify more than 1 handler type'));
    const first = !isTaken;
    isTaken = true;
    return first;
  };
  if (exec !== undefined && takes('exec') && (exec.command ?? []).length === 0) {
    report(required(`${path}.exec.command`));
  }
  if (httpGet !== undefined && takes('httpGet')) checkHttpGet(report, `${path}.httpGet`, httpGet);
  if (tcpSocket !== undefined && takes('tcpSocket')) {
    checkPortReference(report, `${path}.tcpSocket.port`, tcpSocket.port);
  }
  if (grpc !== undefined && takes('grpc')) checkPortNumber(report, `${path}.grpc.port`, grpc.port);
  if (sleep !== undefined && takes('sleep') && gracePeriod !== undefined) {
    if (sleep.seconds < 0 || sleep.seconds > gracePeriod) {
      const bound = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`;
      report(invalid(`${path}.sleep`, sleep.seconds, bound));
    }
  }
  if (!isTaken) report(required(path, 'must specify a handler type'));
}

function checkHttpGet(report: Report, at: string, request: NonNullable<ProbeHandler['httpGet']>): void {
  const { path, port, scheme = '', httpHeaders } = request;
  if (isEmpty(path)) report(required(`${at}.path`));
  checkPortReference(report, `${at}.port`, port);
  if (!SCHEMES.includes(scheme)) report(notSupported(`${at}.scheme`, scheme, SCHEMES));
  for (const { name } of httpHeaders ?? []) {
    if (!HEADER_NAME.test(name)) report(invalid(`${at}.httpHeaders`, name, HEADER_FAULT));
  }
}
