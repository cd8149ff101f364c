import type { PodSpec, WindowsSecurityContextOptions } from '../../machinery/api/core-v1.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import { byteLength } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { checkDnsSubdomain, isEmpty } from './checks.js';
import { visitContainers } from './pod-scope.js';

const CREDENTIAL_KIB_MAX = 64;
const DOMAIN_BYTES_MAX = 256;
const USER_BYTES_MAX = 104;
const NETBIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DNS_DOMAIN = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);
const OPERATING_SYSTEMS = ['linux', 'windows'];

/** In upstream's order; `true` for those of the security context. */
const POD_FIELDS = [
  ['appArmorProfile', true],
  ['seLinuxOptions', true],
  ['hostUsers', false],
  ['hostPID', false],
  ['hostIPC', false],
  ['seccompProfile', true],
  ['fsGroup', true],
  ['fsGroupChangePolicy', true],
  ['sysctls', true],
  ['shareProcessNamespace', false],
  ['runAsUser', true],
  ['runAsGroup', true],
  ['supplementalGroups', true],
  ['supplementalGroupsPolicy', true],
  ['seLinuxChangePolicy', true],
] as const;
const CONTAINER_FIELDS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

/** What the named operating system does not have. */
export function checkOperatingSystem(report: Report, path: string, spec: PodSpec): void {
  const name = spec.os?.name;
  if (spec.os === undefined) return;
  if (isEmpty(name)) return report(required(`${path}.os.name`));
  if (!OPERATING_SYSTEMS.includes(name)) return report(notSupported(`${path}.os`, name, OPERATING_SYSTEMS));
  if (name === 'windows') checkWindowsPod(report, path, spec);
  else checkLinuxPod(report, path, spec);
}

function checkLinuxPod(report: Report, path: string, spec: PodSpec): void {
  const refuse = (at: string): void =>
    report(forbidden(`${at}.securityContext.windowsOptions`, 'windows options cannot be set for a linux pod'));
  if (spec.securityContext?.windowsOptions !== undefined) refuse(path);
  visitContainers(spec, `${path}.`, ({ securityContext }, at) => {
    if (securityContext?.windowsOptions !== undefined) refuse(at);
  });
}

function checkWindowsPod(report: Report, path: string, spec: PodSpec): void {
  const refuse = (at: string): void => report(forbidden(at, 'cannot be set for a windows pod'));
  const context = spec.securityContext;
  for (const [field, isOfContext] of POD_FIELDS) {
    const value = isOfContext ? context?.[field] : spec[field];
    const isPlainFalse = (field === 'hostPID' || field === 'hostIPC') && value !== true;
    if (value === undefined || isPlainFalse) continue;
    refuse(isOfContext ? `${path}.securityContext.${field}` : `${path}.${field}`);
  }
  visitContainers(spec, `${path}.`, ({ securityContext }, at) => {
    for (const field of CONTAINER_FIELDS) {
      if (securityContext?.[field] !== undefined) refuse(`${at}.securityContext.${field}`);
    }
  });
}

/** Containers that run on the node itself: all of a pod's or none, and on the node's network. */
export function checkHostProcess(report: Report, path: string, spec: PodSpec): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let [count, hostProcesses] = [0, 0];
  visitContainers(spec, `${path}.`, ({ securityContext }, at) => {
    const own = securityContext?.windowsOptions?.hostProcess;
    count++;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      report(invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, detail));
    }
    if (own ?? ofPod ?? false) hostProcesses++;
  });
  if (hostProcesses === 0) return;
  if (hostProcesses !== count) {
    const detail = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    report(invalid(path, '', detail));
  }
  if (spec.hostNetwork !== true) {
    report(
      invalid(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    );
  }
}

export function checkWindowsOptions(
  report: Report,
  path: string,
  options: WindowsSecurityContextOptions | undefined,
): void {
  if (options === undefined) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) {
    checkDnsSubdomain(report, `${path}.gmsaCredentialSpecName`, gmsaCredentialSpecName);
  }
  if (gmsaCredentialSpec === '') {
    report(invalid(`${path}.gmsaCredentialSpec`, '', 'gmsaCredentialSpec cannot be an empty string'));
  } else if (byteLength(gmsaCredentialSpec ?? '') > CREDENTIAL_KIB_MAX * 1_024) {
    const detail = `gmsaCredentialSpec size must be under ${CREDENTIAL_KIB_MAX} KiB`;
    report(invalid(`${path}.gmsaCredentialSpec`, gmsaCredentialSpec, detail));
  }
  for (const fault of userNameFaults(runAsUserName)) {
    report(invalid(`${path}.runAsUserName`, runAsUserName, `runAsUserName${fault}`));
  }
}

function userNameFaults(name: string | undefined): readonly string[] {
  if (name === undefined) return [];
  if (name === '') return [' cannot be an empty string'];
  if (hasControlCharacter(name)) return [' cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return [' cannot contain more than one backslash'];
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const user = parts.at(-1) ?? '';
  const faults: string[] = [];
  if (byteLength(domain ?? '') >= DOMAIN_BYTES_MAX) {
    faults.push(`'s Domain length must be under ${DOMAIN_BYTES_MAX} characters`);
  }
  if (domain !== undefined && !NETBIOS.test(domain) && !DNS_DOMAIN.test(domain)) {
    faults.push("'s Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === '') faults.push("'s User cannot be empty");
  else if (byteLength(user) > USER_BYTES_MAX) {
    faults.push(`'s User length must not be longer than ${USER_BYTES_MAX} characters`);
  }
  if (/^[. ]+$/.test(user)) faults.push("'s User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    faults.push(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return faults;
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
