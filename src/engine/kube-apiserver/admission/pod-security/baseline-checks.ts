/** The baseline level of the Pod Security Standards: no known way to more privileges. */
import type { LifecycleHandler, Probe, SELinuxOptions } from '../../../machinery/api/core-v1.js';
import {
  annotationText,
  containersOf,
  containersText,
  defineCheck,
  isInUserNamespace,
  namesWhere,
  plural,
  quoted,
  settersText,
  sortedSet,
  type CheckPod,
  type SecurityCheck,
  type SubjectContainer,
} from './check.js';

const CAPABILITIES: readonly string[] = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];
const APP_ARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';
const SELINUX_TYPES: readonly string[] = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const SYSCTLS: readonly string[] = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const SYSCTLS_27 = [...SYSCTLS, 'net.ipv4.ip_local_reserved_ports'];
const SYSCTLS_29 = [
  ...SYSCTLS_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const SYSCTLS_32 = [...SYSCTLS_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

const isAllowedProfile = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost';

const appArmorProfile: CheckPod = ({ metadata, spec }) => {
  const podType = spec.securityContext?.appArmorProfile?.type;
  const isPodBad = spec.securityContext?.appArmorProfile !== undefined && !isAllowedProfile(podType);
  const typeOf = ({ securityContext }: SubjectContainer) => securityContext?.appArmorProfile;
  const bad = containersOf(spec).filter((each) => typeOf(each) !== undefined && !isAllowedProfile(typeOf(each)?.type));
  const annotations = Object.entries(metadata?.annotations ?? {})
    .filter(([key, value]) => key.startsWith(APP_ARMOR_PREFIX) && !isAllowedAppArmorText(value))
    .map(([key, value]) => annotationText(key, value))
    .sort();
  const setters = settersText(
    isPodBad,
    bad.map(({ name }) => name),
  );
  const all = [setters, annotations.length === 0 ? '' : plural('annotation', annotations)].filter(
    (each) => each !== '',
  );
  if (all.length === 0) return undefined;
  const types = sortedSet([...(isPodBad ? [podType ?? ''] : []), ...bad.map((each) => typeOf(each)?.type ?? '')]);
  const values = [...types, ...annotations];
  return {
    reason: plural('forbidden AppArmor profile', values),
    detail: `${all.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
};

const isAllowedAppArmorText = (value: string): boolean =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/');

const capabilities: CheckPod = ({ spec }) => {
  const added = ({ securityContext }: SubjectContainer): readonly string[] =>
    (securityContext?.capabilities?.add ?? []).filter((each) => !CAPABILITIES.includes(each));
  const names = namesWhere(spec, (each) => added(each).length > 0);
  if (names.length === 0) return undefined;
  const forbidden = sortedSet(containersOf(spec).flatMap(added));
  return {
    reason: 'non-default capabilities',
    detail: `${containersText(names)} must not include ${quoted(forbidden)} in securityContext.capabilities.add`,
  };
};

const hostNamespaces: CheckPod = ({ spec }) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
};

const hostPathVolumes: CheckPod = ({ spec }) => {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', names)} ${quoted(names)}` };
};

const hostPorts: CheckPod = ({ spec }) => {
  const portsOf = ({ ports = [] }: SubjectContainer): readonly string[] =>
    ports.filter(({ hostPort = 0 }) => hostPort !== 0).map(({ hostPort }) => String(hostPort));
  const names = namesWhere(spec, (each) => portsOf(each).length > 0);
  if (names.length === 0) return undefined;
  const ports = sortedSet(containersOf(spec).flatMap(portsOf));
  return {
    reason: 'hostPort',
    detail: `${containersText(names)} ${names.length === 1 ? 'uses' : 'use'} ${plural('hostPort', ports)} ${ports.join(', ')}`,
  };
};

const hostProbes: CheckPod = ({ spec }) => {
  const hostsOf = (each: SubjectContainer): readonly string[] =>
    [each.livenessProbe, each.readinessProbe, each.startupProbe, each.lifecycle?.postStart, each.lifecycle?.preStop]
      .flatMap((handler: Probe | LifecycleHandler | undefined) => [handler?.httpGet?.host, handler?.tcpSocket?.host])
      .filter((host): host is string => host !== undefined && host !== '');
  const names = sortedSet(namesWhere(spec, (each) => hostsOf(each).length > 0));
  if (names.length === 0) return undefined;
  const hosts = sortedSet(containersOf(spec).flatMap(hostsOf));
  const detail = `${containersText(names)} ${names.length === 1 ? 'uses' : 'use'} ${plural('probe or lifecycle host', hosts)} ${quoted(hosts)}`;
  return { reason: 'probe or lifecycle host', detail };
};

const privileged: CheckPod = ({ spec }) => {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.privileged === true);
  if (names.length === 0) return undefined;
  return { reason: 'privileged', detail: `${containersText(names)} must not set securityContext.privileged=true` };
};

export const maskedProcMount: CheckPod = ({ spec }) => {
  const mountOf = ({ securityContext }: SubjectContainer): string => securityContext?.procMount ?? 'Default';
  const bad = containersOf(spec).filter((each) => mountOf(each) !== 'Default');
  if (bad.length === 0) return undefined;
  const names = bad.map(({ name }) => name);
  return {
    reason: 'procMount',
    detail: `${containersText(names)} must not set securityContext.procMount to ${quoted(sortedSet(bad.map(mountOf)))}`,
  };
};

const seLinuxOptions =
  (types: readonly string[]): CheckPod =>
  ({ spec }) => {
    const isBad = (options: SELinuxOptions | undefined): boolean =>
      options !== undefined &&
      (!types.includes(options.type ?? '') || (options.user ?? '') !== '' || (options.role ?? '') !== '');
    const ofPod = spec.securityContext?.seLinuxOptions;
    const names = namesWhere(spec, ({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    const setters = settersText(isBad(ofPod), names);
    if (setters === '') return undefined;
    const all = [ofPod, ...containersOf(spec).map(({ securityContext }) => securityContext?.seLinuxOptions)];
    const badTypes = sortedSet(all.map((each) => each?.type ?? '').filter((type) => !types.includes(type)));
    const faults = badTypes.length === 0 ? [] : [`${plural('type', badTypes)} ${quoted(badTypes)}`];
    if (all.some((each) => (each?.user ?? '') !== '')) faults.push('user may not be set');
    if (all.some((each) => (each?.role ?? '') !== '')) faults.push('role may not be set');
    return {
      reason: 'seLinuxOptions',
      detail: `${setters} set forbidden securityContext.seLinuxOptions: ${faults.join('; ')}`,
    };
  };

const isAllowedSeccompText = (value: string): boolean =>
  value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');

const seccompAnnotations: CheckPod = ({ metadata, spec }) => {
  const annotations = metadata?.annotations ?? {};
  const keys = [SECCOMP_POD, ...containersOf(spec).map(({ name }) => `${SECCOMP_PREFIX}${name}`)];
  const bad = sortedSet(
    keys.flatMap((key) => {
      const value = annotations[key];
      return value === undefined || isAllowedSeccompText(value) ? [] : [annotationText(key, value)];
    }),
  );
  if (bad.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', bad)} ${bad.join(', ')}` };
};

/** Who sets a profile that nobody may set. */
export const seccompProfile: CheckPod = ({ spec }) => {
  const isBad = (profile: { readonly type?: string } | undefined): boolean =>
    profile !== undefined && !isAllowedProfile(profile.type);
  const ofPod = spec.securityContext?.seccompProfile;
  const bad = containersOf(spec).filter(({ securityContext }) => isBad(securityContext?.seccompProfile));
  const setters = settersText(
    isBad(ofPod),
    bad.map(({ name }) => name),
  );
  if (setters === '') return undefined;
  const profiles = [isBad(ofPod) ? ofPod : undefined, ...bad.map((each) => each.securityContext?.seccompProfile)];
  const types = sortedSet(profiles.flatMap((each) => (each === undefined ? [] : [each.type])));
  return {
    reason: 'seccompProfile',
    detail: `${setters} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
  };
};

const sysctls =
  (allowed: readonly string[]): CheckPod =>
  ({ spec }) => {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name);
    const forbidden = names.filter((name) => !allowed.includes(name));
    return forbidden.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: forbidden.join(', ') };
  };

const windowsHostProcess: CheckPod = ({ spec }) => {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
  const setters = settersText(spec.securityContext?.windowsOptions?.hostProcess === true, names);
  if (setters === '') return undefined;
  return {
    reason: 'hostProcess',
    detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true`,
  };
};

const baseline = (id: string, ...versions: readonly (readonly [number, CheckPod])[]): SecurityCheck =>
  defineCheck({ id, level: 'baseline', versions: versions.map(([since, check]) => ({ since, check })) });

/** In the order of their ids, which is that of their messages. */
export const baselineChecks: readonly SecurityCheck[] = Object.freeze([
  baseline('appArmorProfile', [0, appArmorProfile]),
  baseline('capabilities_baseline', [0, capabilities]),
  baseline('hostNamespaces', [0, hostNamespaces]),
  baseline('hostPathVolumes', [0, hostPathVolumes]),
  baseline('hostPorts', [0, hostPorts]),
  baseline('hostProbesAndHostLifecycle', [34, hostProbes]),
  baseline('privileged', [0, privileged]),
  baseline(
    'procMount',
    [0, maskedProcMount],
    [35, (subject) => (isInUserNamespace(subject.spec) ? undefined : maskedProcMount(subject))],
  ),
  baseline(
    'seLinuxOptions',
    [0, seLinuxOptions(SELINUX_TYPES)],
    [31, seLinuxOptions([...SELINUX_TYPES, 'container_engine_t'])],
  ),
  baseline('seccompProfile_baseline', [0, seccompAnnotations], [19, seccompProfile]),
  baseline(
    'sysctls',
    [0, sysctls(SYSCTLS)],
    [27, sysctls(SYSCTLS_27)],
    [29, sysctls(SYSCTLS_29)],
    [32, sysctls(SYSCTLS_32)],
  ),
  baseline('windowsHostProcess', [0, windowsHostProcess]),
]);
