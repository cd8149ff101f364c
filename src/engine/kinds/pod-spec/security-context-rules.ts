import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '../../machinery/api/core-v1.js';
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from '../../machinery/field-error.js';
import { byteLength } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { checkId, isEmpty } from './checks.js';
import { internalForm } from './internal-form.js';
import { checkDescendingPath } from './paths.js';
import { visitContainers } from './pod-scope.js';
import { checkWindowsOptions } from './windows-rules.js';

const PROC_MOUNTS = ['Default', 'Unmasked'];
const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const PROFILE_PATH_MAX = 4_095;
const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_SOURCE = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const SYSCTL = new RegExp(SYSCTL_SOURCE);
const SYSCTL_LENGTH_MAX = 253;
const NAMESPACED_SYSCTLS: readonly (readonly [prefix: string, namespace: 'ipc' | 'net'])[] = [
  ['kernel.shm', 'ipc'],
  ['kernel.msg', 'ipc'],
  ['fs.mqueue.', 'ipc'],
  ['net.', 'net'],
];

/** Of one container. `hostUsers` is true unless the pod has user namespaces of its own. */
export function checkSecurityContext(report: Report, path: string, context: SecurityContext, hostUsers: boolean): void {
  checkId(report, `${path}.runAsUser`, context.runAsUser);
  checkId(report, `${path}.runAsGroup`, context.runAsGroup);
  const { procMount, capabilities, privileged, allowPrivilegeEscalation } = context;
  if (procMount !== undefined) {
    if (!PROC_MOUNTS.includes(procMount)) report(notSupported(`${path}.procMount`, procMount, PROC_MOUNTS));
    if (hostUsers && procMount === 'Unmasked') {
      report(invalid(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'));
    }
  }
  checkSeccompProfile(report, `${path}.seccompProfile`, context.seccompProfile);
  if (allowPrivilegeEscalation === false) {
    const cannot = (other: string): void =>
      report(
        invalid(
          path,
          internalForm('SecurityContext', context),
          `cannot set \`allowPrivilegeEscalation\` to false and ${other}`,
        ),
      );
    if (privileged === true) cannot('`privileged` to true');
    for (const each of capabilities?.add ?? [])
      if (each === 'CAP_SYS_ADMIN') cannot('`capabilities.Add` CAP_SYS_ADMIN');
  }
  checkWindowsOptions(report, `${path}.windowsOptions`, context.windowsOptions);
  checkAppArmorProfile(report, `${path}.appArmorProfile`, context.appArmorProfile);
}

export function checkPodSecurityContext(report: Report, path: string, spec: PodSpec): void {
  const context = spec.securityContext;
  if (context === undefined) return;
  checkId(report, `${path}.fsGroup`, context.fsGroup);
  checkId(report, `${path}.runAsUser`, context.runAsUser);
  checkId(report, `${path}.runAsGroup`, context.runAsGroup);
  for (const [index, id] of (context.supplementalGroups ?? []).entries()) {
    checkId(report, `${path}.supplementalGroups[${index}]`, id);
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled';
    report(invalid(`${path}.shareProcessNamespace`, true, detail));
  }
  if (context.sysctls !== undefined) checkSysctls(report, `${path}.sysctls`, spec);
  checkPolicies(report, path, context);
  checkSeccompProfile(report, `${path}.seccompProfile`, context.seccompProfile);
  checkWindowsOptions(report, `${path}.windowsOptions`, context.windowsOptions);
  checkAppArmorProfile(report, `${path}.appArmorProfile`, context.appArmorProfile);
  checkOneOf(report, `${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']);
  checkOneOf(report, `${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive']);
}

function checkPolicies(report: Report, path: string, { fsGroupChangePolicy }: PodSecurityContext): void {
  checkOneOf(report, `${path}.fsGroupChangePolicy`, fsGroupChangePolicy, ['Always', 'OnRootMismatch']);
}

function checkOneOf(report: Report, path: string, value: string | undefined, choices: readonly string[]): void {
  if (value !== undefined && !choices.includes(value)) report(notSupported(path, value, choices));
}

function checkSeccompProfile(report: Report, path: string, profile: SeccompProfile | undefined): void {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  if (isEmpty(type)) report(required(`${path}.type`, 'type is required when seccompProfile is set'));
  else if (!PROFILE_TYPES.includes(type)) report(notSupported(`${path}.type`, type, PROFILE_TYPES));
  if (type !== 'Localhost') {
    if (localhostProfile === undefined) return;
    const value = internalForm('SeccompProfile', profile);
    report(invalid(`${path}.localhostProfile`, value, 'can only be set when seccomp type is Localhost'));
  } else if (localhostProfile === undefined) {
    report(required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost'));
  } else checkDescendingPath(report, `${path}.localhostProfile`, localhostProfile);
}

export function checkAppArmorProfile(report: Report, path: string, profile: AppArmorProfile | undefined): void {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  const at = `${path}.localhostProfile`;
  if (type === 'Localhost') {
    const trimmed = localhostProfile?.trim();
    if (localhostProfile !== undefined && trimmed !== localhostProfile) {
      report(invalid(at, localhostProfile, 'must not be padded with whitespace'));
    } else if (isEmpty(trimmed)) report(required(at, 'must be set when AppArmor type is Localhost'));
    if (byteLength(localhostProfile ?? '') > PROFILE_PATH_MAX) report(tooLong(at, PROFILE_PATH_MAX));
  } else if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (localhostProfile !== undefined) {
      report(invalid(at, localhostProfile, 'can only be set when AppArmor type is Localhost'));
    }
  } else if (isEmpty(type)) report(required(`${path}.type`, 'type is required when appArmorProfile is set'));
  else report(notSupported(`${path}.type`, type, PROFILE_TYPES));
}

function checkSysctls(report: Report, path: string, spec: PodSpec): void {
  const names = new Set<string>();
  for (const [index, { name }] of (spec.securityContext?.sysctls ?? []).entries()) {
    const at = `${path}[${index}].name`;
    if (name === '') report(required(at));
    else if (name.length > SYSCTL_LENGTH_MAX || !SYSCTL.test(name)) {
      report(invalid(at, name, `must have at most ${SYSCTL_LENGTH_MAX} characters and match regex ${SYSCTL_SOURCE}`));
    } else if (names.has(name)) report(duplicate(at, name));
    checkHostSysctl(report, at, name, spec);
    names.add(name);
  }
}

/** A pod that shares the node's namespace may not set what belongs to that namespace. */
function checkHostSysctl(report: Report, path: string, name: string, { hostNetwork, hostIPC }: PodSpec): void {
  const namespace = sysctlNamespace(name);
  if (hostNetwork === true && namespace === 'net') {
    report(invalid(path, name, "may not be specified when 'hostNetwork' is true"));
  } else if (hostIPC === true && namespace === 'ipc') {
    report(invalid(path, name, "may not be specified when 'hostIPC' is true"));
  }
}

function sysctlNamespace(name: string): 'ipc' | 'net' | undefined {
  const dotted = dottedSysctl(name);
  if (dotted === 'kernel.sem') return 'ipc';
  return NAMESPACED_SYSCTLS.find(([prefix]) => dotted.startsWith(prefix))?.[1];
}

/** Whichever of `.` and `/` comes first separates; the other is then part of a name. */
function dottedSysctl(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  if (separator !== '/') return name;
  return name.replace(/[./]/g, (character) => (character === '/' ? '.' : '/'));
}

/** A pod with user namespaces of its own shares none of the node's. */
export function checkHostUsers(report: Report, path: string, spec: PodSpec): void {
  if (spec.hostUsers !== false) return;
  const refuse = (field: string): void => report(forbidden(`${path}.${field}`, 'when `hostUsers` is false'));
  if (spec.hostNetwork === true) refuse('hostNetwork');
  if (spec.hostPID === true) refuse('HostPID');
  if (spec.hostIPC === true) refuse('HostIPC');
  visitContainers(spec, `${path}.`, ({ volumeDevices }, at) => {
    if ((volumeDevices ?? []).length > 0) report(forbidden(`${at}.volumeDevices`, 'when `hostUsers` is false'));
  });
}
