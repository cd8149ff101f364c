import type { ContainerPort, EnvVar, PodAffinity, PodSpec } from '../../machinery/api/core-v1.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { goQuote } from '../../machinery/go-text.js';
import { APP_ARMOR_PREFIX, hasKeyBelow, SECCOMP_CONTAINER_PREFIX, SECCOMP_POD_ANNOTATION } from './annotation-rules.js';
import { isEmpty } from './checks.js';
import { fractionWarning, isFraction } from './fraction-warning.js';
import { addressWarning } from './ip-address.js';
import { deprecatedNodeLabel, nodeTermWarnings } from './node-labels.js';
import { appArmorProfileOf } from './pod-preparation.js';
import { visitContainers } from './pod-scope.js';
import { volumeWarnings } from './volume-warnings.js';

const IN_BYTES = ['memory', 'ephemeral-storage'];
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
  for (const name of IN_BYTES) {
    const amount = overhead?.[name];
    if (isFraction(amount)) warnings.push(fractionWarning(`${at}.overhead[${name}]`, amount));
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
  if (!hasKeyBelow(annotations, SECCOMP_CONTAINER_PREFIX) && !hasKeyBelow(annotations, APP_ARMOR_PREFIX)) {
    return warnings;
  }
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
    for (const name of IN_BYTES) {
      for (const kind of ['limits', 'requests'] as const) {
        const amount = container.resources?.[kind]?.[name];
        if (isFraction(amount)) warnings.push(fractionWarning(`${path}.resources.${kind}[${name}]`, amount));
      }
    }
    if (container.env !== undefined) addEnvironmentWarnings(warnings, container.env, path);
  });
  return warnings;
}

/** A variable may build on an earlier one of its name; hiding that is mostly a mistake. */
function addEnvironmentWarnings(warnings: string[], env: readonly EnvVar[], path: string): void {
  const seen = new Set<string>();
  let index = -1;
  for (const { name, value = '', valueFrom } of env) {
    index++;
    if (!seen.has(name)) {
      seen.add(name);
      continue;
    }
    const reference = `$(${name})`;
    if (valueFrom === undefined && value !== reference && value.includes(reference)) continue;
    const detail = `hides previous definition of ${goQuote(name)}, which may be dropped when using apply`;
    warnings.push(`${path}.env[${index}]: ${detail}`);
  }
}

function portWarnings(spec: PodSpec, at: string): readonly string[] {
  const warnings: string[] = [];
  /** By number: the protocol is looked at where numbers meet. */
  const taken = new Map<
    number,
    { readonly containerPath: string; readonly index: number; readonly port: ContainerPort }[]
  >();
  visitContainers(spec, `${at}.`, ({ ports }, containerPath) => {
    if (ports === undefined) return;
    for (let index = 0; index < ports.length; index++) {
      const port = ports[index]!;
      if (!isEmpty(port.hostIP) && (port.hostPort ?? 0) === 0) {
        warnings.push(`${containerPath}.ports[${index}]: hostIP set without hostPort: ${portText(port)}`);
      }
      const others = taken.get(port.containerPort);
      if (others === undefined) {
        taken.set(port.containerPort, [{ containerPath, index, port }]);
        continue;
      }
      for (const other of others) {
        const relation = portRelation(port, other.port);
        if (relation === undefined) continue;
        const otherPath = `${other.containerPath}.ports[${other.index}]`;
        warnings.push(`${containerPath}.ports[${index}]: ${relation} port definition with ${otherPath}`);
      }
      others.push({ containerPath, index, port });
    }
  });
  return warnings;
}

function portRelation(left: ContainerPort, right: ContainerPort): string | undefined {
  if ((left.protocol ?? '') !== (right.protocol ?? '')) return undefined;
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
  const names = new Map<string, { readonly containerPath: string; readonly index: number }>();
  visitContainers(spec, `${at}.`, ({ ports }, containerPath) => {
    if (ports === undefined) return;
    for (let index = 0; index < ports.length; index++) {
      const { name } = ports[index]!;
      if (isEmpty(name)) continue;
      const first = names.get(name);
      if (first === undefined) names.set(name, { containerPath, index });
      else {
        const other = `${first.containerPath}.ports[${first.index}]`;
        const use = `services and probes that select ports by name will use ${other}`;
        warnings.push(`${containerPath}.ports[${index}]: duplicate port name ${goQuote(name)} with ${other}, ${use}`);
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
