import type { Container, ContainerPort, PodAffinity, PodSpec } from '../../machinery/api/core-v1.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { goQuote } from '../../machinery/go-text.js';
import { APP_ARMOR_PREFIX, SECCOMP_CONTAINER_PREFIX, SECCOMP_POD_ANNOTATION } from './annotation-rules.js';
import { isEmpty } from './checks.js';
import { fractionWarning } from './fraction-warning.js';
import { addressWarning } from './ip-address.js';
import { deprecatedNodeLabel, nodeTermWarnings } from './node-labels.js';
import { appArmorProfileOf } from './pod-preparation.js';
import { visitContainers } from './pod-scope.js';
import { volumeWarnings } from './volume-warnings.js';

const NO_POD = 'a null labelSelector results in matching no pod';
const USE_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const USE_APP_ARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead';
const DEPRECATED_ANNOTATIONS: readonly (readonly [key: string, message: string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
];

/** What upstream warns of in a pod (`prefix` empty) or in a template (`spec.template.`), in its order. */
export function podWarnings(spec: PodSpec, metadata: Partial<ObjectMeta> | undefined, prefix = ''): readonly string[] {
  const at = `${prefix}spec`;
  const annotations = metadata?.annotations ?? {};
  return [
    ...nodeWarnings(spec, at),
    ...DEPRECATED_ANNOTATIONS.filter(([key]) => key in annotations).map(
      ([key, message]) => `${prefix}metadata.annotations[${key}]: ${message}`,
    ),
    ...(spec.volumes === undefined ? [] : volumeWarnings(`${at}.volumes`, spec.volumes)),
    ...listWarnings(spec, at),
    ...annotationWarnings(spec, annotations, prefix),
    ...containerWarnings(spec, at),
    ...portWarnings(spec, at),
    ...portNameWarnings(spec, at),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...termWarnings(spec.affinity?.podAffinity, `${at}.affinity.podAffinity`),
    ...termWarnings(spec.affinity?.podAntiAffinity, `${at}.affinity.podAntiAffinity`),
    ...addressWarnings(spec, at),
  ];
}

function nodeWarnings({ nodeSelector, affinity, topologySpreadConstraints }: PodSpec, at: string): readonly string[] {
  const warnings: string[] = [];
  for (const key of Object.keys(nodeSelector ?? {})) {
    const message = deprecatedNodeLabel(key);
    if (message !== undefined) warnings.push(`${at}.nodeSelector[${key}]: ${message}`);
  }
  const node = affinity?.nodeAffinity;
  const path = `${at}.affinity.nodeAffinity`;
  const terms = node?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const [index, term] of terms.entries()) {
    const where = `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`;
    warnings.push(...nodeTermWarnings(where, term, false));
  }
  for (const [index, { preference }] of (node?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const where = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`;
    warnings.push(...nodeTermWarnings(where, preference, true));
  }
  for (const [index, { topologyKey, labelSelector }] of (topologySpreadConstraints ?? []).entries()) {
    const where = `${at}.topologySpreadConstraints[${index}]`;
    const message = deprecatedNodeLabel(topologyKey);
    if (message !== undefined) warnings.push(`${where}.topologyKey: ${topologyKey} is ${message}`);
    if (labelSelector === undefined) warnings.push(`${where}.labelSelector: ${NO_POD}`);
  }
  return warnings;
}

function listWarnings({ hostAliases = [], imagePullSecrets = [], overhead }: PodSpec, at: string): readonly string[] {
  const warnings: string[] = [];
  for (const [index, { ip }] of hostAliases.entries()) {
    const isSecond = hostAliases.slice(0, index).some((each) => each.ip === ip);
    if (isSecond) warnings.push(`${at}.hostAliases[${index}].ip: duplicate ip ${goQuote(ip)}`);
  }
  for (const [index, { name = '' }] of imagePullSecrets.entries()) {
    const isSecond = imagePullSecrets.slice(0, index).some((each) => (each.name ?? '') === name);
    if (isSecond) warnings.push(`${at}.imagePullSecrets[${index}].name: duplicate name ${goQuote(name)}`);
  }
  for (const [index, { name }] of imagePullSecrets.entries()) {
    if (isEmpty(name)) warnings.push(`${at}.imagePullSecrets[${index}].name: invalid empty name ""`);
  }
  for (const name of ['memory', 'ephemeral-storage']) {
    const warning = fractionWarning(`${at}.overhead[${name}]`, overhead?.[name]);
    if (warning !== undefined) warnings.push(warning);
  }
  return warnings;
}

/** Annotations that fields have replaced. AppArmor's became a field when the pod was prepared. */
function annotationWarnings(
  spec: PodSpec,
  annotations: Readonly<Record<string, string>>,
  prefix: string,
): readonly string[] {
  const warnings: string[] = [];
  const warn = (key: string, message: string): void => {
    if (key in annotations) warnings.push(`${prefix}metadata.annotations[${key}]: ${message}`);
  };
  if (spec.securityContext?.seccompProfile === undefined) warn(SECCOMP_POD_ANNOTATION, USE_SECCOMP);
  visitContainers(spec, '', ({ name, securityContext }) => {
    if (securityContext?.seccompProfile === undefined) warn(`${SECCOMP_CONTAINER_PREFIX}${name}`, USE_SECCOMP);
    const key = `${APP_ARMOR_PREFIX}${name}`;
    const ofPod = spec.securityContext?.appArmorProfile;
    const own = securityContext?.appArmorProfile;
    const annotated = appArmorProfileOf(annotations[key] ?? '');
    if (prefix === '' ? own !== undefined && !deepEqual(own, annotated) : own !== undefined) return;
    if (own === undefined && ofPod !== undefined && deepEqual(ofPod, annotated)) return;
    warn(key, USE_APP_ARMOR);
  });
  return warnings;
}

function containerWarnings(spec: PodSpec, at: string): readonly string[] {
  const warnings: string[] = [];
  visitContainers(spec, `${at}.`, (container, path) => {
    for (const name of ['memory', 'ephemeral-storage']) {
      for (const kind of ['limits', 'requests'] as const) {
        const amount = container.resources?.[kind]?.[name];
        const warning = fractionWarning(`${path}.resources.${kind}[${name}]`, amount);
        if (warning !== undefined) warnings.push(warning);
      }
    }
    warnings.push(...environmentWarnings(container, path));
  });
  return warnings;
}

/** A variable may build on an earlier one of its name; hiding that is mostly a mistake. */
function environmentWarnings({ env = [] }: Container, path: string): readonly string[] {
  const warnings: string[] = [];
  const seen = new Set<string>();
  for (const [index, { name, value = '', valueFrom }] of env.entries()) {
    const reference = `$(${name})`;
    const hides = valueFrom !== undefined || value === reference || !value.includes(reference);
    if (seen.has(name) && hides) {
      const detail = `hides previous definition of ${goQuote(name)}, which may be dropped when using apply`;
      warnings.push(`${path}.env[${index}]: ${detail}`);
    }
    seen.add(name);
  }
  return warnings;
}

function portWarnings(spec: PodSpec, at: string): readonly string[] {
  const warnings: string[] = [];
  const taken = new Map<string, { readonly path: string; readonly port: ContainerPort }[]>();
  visitContainers(spec, `${at}.`, ({ ports }, containerPath) => {
    for (const [index, port] of (ports ?? []).entries()) {
      const path = `${containerPath}.ports[${index}]`;
      if (!isEmpty(port.hostIP) && (port.hostPort ?? 0) === 0) {
        warnings.push(`${path}: hostIP set without hostPort: ${portText(port)}`);
      }
      const key = `${port.containerPort}/${port.protocol ?? ''}`;
      const others = taken.get(key) ?? [];
      for (const other of others) {
        const relation = portRelation(port, other.port);
        if (relation !== undefined) warnings.push(`${path}: ${relation} port definition with ${other.path}`);
      }
      taken.set(key, [...others, { path, port }]);
    }
  });
  return warnings;
}

function portRelation(left: ContainerPort, right: ContainerPort): string | undefined {
  const [leftIp, rightIp] = [left.hostIP ?? '', right.hostIP ?? ''];
  const [leftPort, rightPort] = [left.hostPort ?? 0, right.hostPort ?? 0];
  if (leftIp === rightIp && leftPort === rightPort) return 'duplicate';
  if (leftPort === 0 || rightPort === 0) return 'overlapping';
  return leftPort === rightPort && (leftIp === '') !== (rightIp === '') ? 'dangerously ambiguous' : undefined;
}

const portText = ({ name = '', hostPort = 0, containerPort, protocol = '', hostIP = '' }: ContainerPort): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;

function portNameWarnings(spec: PodSpec, at: string): readonly string[] {
  const warnings: string[] = [];
  const names = new Map<string, string>();
  visitContainers(spec, `${at}.`, ({ ports }, containerPath) => {
    for (const [index, { name }] of (ports ?? []).entries()) {
      if (isEmpty(name)) continue;
      const path = `${containerPath}.ports[${index}]`;
      const other = names.get(name);
      if (other === undefined) names.set(name, path);
      else {
        const use = `services and probes that select ports by name will use ${other}`;
        warnings.push(`${path}: duplicate port name ${goQuote(name)} with ${other}, ${use}`);
      }
    }
  });
  return warnings;
}

function termWarnings(affinity: PodAffinity | undefined, path: string): readonly string[] {
  const warnings: string[] = [];
  const { requiredDuringSchedulingIgnoredDuringExecution: required = [] } = affinity ?? {};
  const { preferredDuringSchedulingIgnoredDuringExecution: preferred = [] } = affinity ?? {};
  for (const [index, { labelSelector }] of required.entries()) {
    if (labelSelector !== undefined) continue;
    warnings.push(`${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}].labelSelector: ${NO_POD}`);
  }
  for (const [index, { podAffinityTerm }] of preferred.entries()) {
    if (podAffinityTerm.labelSelector !== undefined) continue;
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm`;
    warnings.push(`${at}.labelSelector: ${NO_POD}`);
  }
  return warnings;
}

function addressWarnings({ dnsConfig, hostAliases }: PodSpec, at: string): readonly string[] {
  const warnings = [
    ...(dnsConfig?.nameservers ?? []).map((ip, index) => addressWarning(`${at}.dnsConfig.nameservers[${index}]`, ip)),
    ...(hostAliases ?? []).map(({ ip }, index) => addressWarning(`${at}.hostAliases[${index}].ip`, ip)),
  ];
  return warnings.filter((each) => each !== undefined);
}
