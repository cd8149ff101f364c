import type { Container, EphemeralContainer } from '../../machinery/api/core-v1.js';
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { checkChoice, checkDnsLabel, isEmpty } from './checks.js';
import { checkEnvironment, checkEnvironmentSources } from './environment-rules.js';
import { checkDevices, checkMounts } from './mount-rules.js';
import type { PodScope } from './pod-scope.js';
import { isSidecar } from './pod-scope.js';
import { checkHostPorts, checkPorts } from './port-rules.js';
import type { ProbeKind } from './probe-rules.js';
import { checkLifecycle, checkProbe } from './probe-rules.js';
import { checkContainerResources } from './resource-rules.js';
import { checkResizePolicies, checkRestartPolicy } from './restart-rules.js';
import { checkSecurityContext } from './security-context-rules.js';

const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROBES: readonly ProbeKind[] = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const NOT_FOR_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

export function checkContainers(scope: PodScope, path: string): void {
  const { report, spec } = scope;
  if (spec.containers.length === 0) return report(required(path));
  const names = new Set<string>();
  for (const [index, container] of spec.containers.entries()) {
    const at = `${path}[${index}]`;
    checkContainer(scope, at, container);
    if (names.has(container.name)) report(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    checkHooks(scope, at, container);
    checkRestartPolicy(report, at, container);
  }
  checkHostPorts(report, path, spec.containers);
}

export function checkInitContainers(scope: PodScope, path: string): void {
  const { report, spec } = scope;
  const names = new Set(spec.containers.map(({ name }) => name));
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const at = `${path}[${index}]`;
    checkContainer(scope, at, container);
    checkInitRestartPolicy(report, at, container);
    if (names.has(container.name)) report(duplicate(`${at}.name`, container.name));
    else if (container.name !== '') names.add(container.name);
    checkHostPorts(report, path, [container]);
    if (isSidecar(container)) {
      checkHooks(scope, at, container);
      continue;
    }
    for (const field of ['lifecycle', ...PROBES] as const) {
      if (container[field] === undefined) continue;
      report(forbidden(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'));
    }
  }
}

export function checkEphemeralContainers(scope: PodScope, path: string): void {
  const { report, spec } = scope;
  if (spec.ephemeralContainers === undefined) return;
  const others = new Set([...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  for (const [index, container] of spec.ephemeralContainers.entries()) {
    const at = `${path}[${index}]`;
    checkContainer(scope, at, container);
    checkImageSpaces(report, at, container);
    if (names.has(container.name)) report(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (!isEmpty(target) && !others.has(target)) report(notFound(`${at}.targetContainerName`, target));
    checkEphemeralFields(report, at, container);
  }
}

/** What upstream checks of a pod's containers and not of a template's. */
export function checkImageSpaces(report: Report, path: string, { image = '' }: Container): void {
  if (image !== image.trim()) report(invalid(`${path}.image`, image, 'must not have leading or trailing whitespace'));
}

function checkEphemeralFields(report: Report, path: string, container: EphemeralContainer): void {
  for (const field of NOT_FOR_EPHEMERAL) {
    const value = container[field];
    const isSet = value !== undefined && (field !== 'resources' || Object.keys(value).length > 0);
    if (isSet) report(forbidden(`${path}.${field}`, 'cannot be set for an Ephemeral Container'));
  }
  for (const [index, { subPath, subPathExpr }] of (container.volumeMounts ?? []).entries()) {
    const at = `${path}.volumeMounts[${index}]`;
    if (!isEmpty(subPath)) report(forbidden(`${at}.subPath`, 'cannot be set for an Ephemeral Container'));
    if (!isEmpty(subPathExpr)) report(forbidden(`${at}.subPathExpr`, 'cannot be set for an Ephemeral Container'));
  }
}

/** What holds for containers of every sort. */
function checkContainer(scope: PodScope, path: string, container: Container): void {
  const { report, spec, volumes, claimNames } = scope;
  if (isEmpty(container.name)) report(required(`${path}.name`));
  else checkDnsLabel(report, `${path}.name`, container.name);
  if (isEmpty(container.image)) report(required(`${path}.image`));
  const { terminationMessagePolicy } = container;
  if (isEmpty(terminationMessagePolicy)) report(required(`${path}.terminationMessagePolicy`));
  else if (!MESSAGE_POLICIES.includes(terminationMessagePolicy)) {
    report(notSupported(`${path}.terminationMessagePolicy`, terminationMessagePolicy, MESSAGE_POLICIES));
  }
  if (container.ports !== undefined) checkPorts(report, `${path}.ports`, container.ports);
  if (container.env !== undefined) checkEnvironment(report, `${path}.env`, container.env);
  if (container.envFrom !== undefined) checkEnvironmentSources(report, `${path}.envFrom`, container.envFrom);
  if (container.volumeMounts !== undefined) checkMounts(report, `${path}.volumeMounts`, container, volumes);
  if (container.volumeDevices !== undefined) checkDevices(report, `${path}.volumeDevices`, container, volumes);
  checkChoice(report, `${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES);
  if (container.resources !== undefined) {
    checkContainerResources(report, `${path}.resources`, container.resources, claimNames);
  }
  if (container.resizePolicy !== undefined) {
    checkResizePolicies(report, `${path}.resizePolicy`, container.resizePolicy, spec.restartPolicy);
  }
  if (container.securityContext !== undefined) {
    checkSecurityContext(report, `${path}.securityContext`, container.securityContext, spec.hostUsers ?? true);
  }
}

function checkHooks({ report, spec }: PodScope, path: string, container: Container): void {
  if (container.lifecycle !== undefined) {
    checkLifecycle(report, `${path}.lifecycle`, container.lifecycle, spec.terminationGracePeriodSeconds);
  }
  for (const kind of PROBES) {
    const probe = container[kind];
    if (probe !== undefined) checkProbe(report, `${path}.${kind}`, probe, kind);
  }
}

function checkInitRestartPolicy(report: Report, path: string, container: Container): void {
  const { restartPolicy, restartPolicyRules = [] } = container;
  if (restartPolicy === undefined) {
    if (restartPolicyRules.length === 0) return;
    report(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  } else if (restartPolicy !== 'Always') checkRestartPolicy(report, path, container);
  else if (restartPolicyRules.length > 0) {
    const detail = 'restartPolicyRules are not allowed for init containers with restart policy Always';
    report(forbidden(`${path}.restartPolicyRules`, detail));
  }
}
