/** Upstream's defaults of pods and pod templates (`core/v1/defaults.go`). All are idempotent. */
import type {
  Container,
  ContainerPort,
  EphemeralContainer,
  LifecycleHandler,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Probe,
  ResourceRequirements,
} from '../../machinery/api/core-v1.js';
import type { Draft } from '../../machinery/object.js';
import { isEmpty } from './checks.js';
import { defaultFieldRef } from './field-references.js';
import { isLatest } from './image-reference.js';
import { defaultPodResources } from './pod-resource-defaults.js';
import { roundResources } from './resource-lists.js';
import { defaultVolume } from './volume-defaults.js';

const GRACE_PERIOD_SECONDS = 30;

export function defaultTemplate(template: Draft<PodTemplateSpec> | undefined): void {
  if (template === undefined) return;
  defaultPodSpec((template.spec ??= { containers: [] }));
}

/** What holds for a pod and not for a template: requests from limits, host ports, service links. */
export function defaultPod(draft: Draft<Pod>): void {
  const { spec } = draft;
  ensureContainers(spec);
  for (const container of spec.containers) requestsFromLimits(container.resources);
  for (const container of spec.initContainers ?? []) requestsFromLimits(container.resources);
  if (spec.resources !== undefined) defaultPodResources(spec);
  spec.enableServiceLinks ??= true;
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
  if (spec.hostNetwork === true) {
    for (const container of spec.containers) defaultHostPorts(container.ports);
    for (const container of spec.initContainers ?? []) defaultHostPorts(container.ports);
  }
  defaultPodSpec(spec);
}

function defaultPodSpec(spec: Draft<PodSpec>): void {
  ensureContainers(spec);
  if (isEmpty(spec.dnsPolicy)) spec.dnsPolicy = 'ClusterFirst';
  if (isEmpty(spec.restartPolicy)) spec.restartPolicy = 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= GRACE_PERIOD_SECONDS;
  if (isEmpty(spec.schedulerName)) spec.schedulerName = 'default-scheduler';
  mirrorServiceAccount(spec);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of spec.initContainers ?? []) defaultContainer(container);
  for (const container of spec.containers) defaultContainer(container);
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container);
  roundResources(spec.overhead);
  roundResources(spec.resources?.limits);
  roundResources(spec.resources?.requests);
}

/** Go writes a list that was not given as null; it is refused later, for being empty. */
function ensureContainers(spec: { containers: Draft<Container>[] | null }): void {
  spec.containers ??= [];
}

/** The deprecated name of the field is kept alike: what it says counts only where the field is absent. */
function mirrorServiceAccount(spec: Draft<PodSpec>): void {
  if (!isEmpty(spec.serviceAccountName)) spec.serviceAccount = spec.serviceAccountName;
  else if (!isEmpty(spec.serviceAccount)) spec.serviceAccountName = spec.serviceAccount;
}

function defaultContainer(container: Draft<Container> | Draft<EphemeralContainer>): void {
  if (isEmpty(container.imagePullPolicy)) {
    container.imagePullPolicy = isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent';
  }
  if (isEmpty(container.terminationMessagePath)) container.terminationMessagePath = '/dev/termination-log';
  if (isEmpty(container.terminationMessagePolicy)) container.terminationMessagePolicy = 'File';
  for (const port of container.ports ?? []) if (isEmpty(port.protocol)) port.protocol = 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) continue;
    defaultFieldRef(valueFrom.fieldRef);
    if (valueFrom.fileKeyRef !== undefined) valueFrom.fileKeyRef.optional ??= false;
  }
  roundResources(container.resources?.limits);
  roundResources(container.resources?.requests);
  defaultProbe(container.livenessProbe);
  defaultProbe(container.readinessProbe);
  defaultProbe(container.startupProbe);
  defaultHandler(container.lifecycle?.postStart);
  defaultHandler(container.lifecycle?.preStop);
}

function defaultProbe(probe: Draft<Probe> | undefined): void {
  if (probe === undefined) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHandler(probe);
  if (probe.grpc !== undefined) probe.grpc.service ??= '';
}

function defaultHandler(handler: Draft<LifecycleHandler> | undefined): void {
  const request = handler?.httpGet;
  if (request === undefined) return;
  if (isEmpty(request.path)) request.path = '/';
  if (isEmpty(request.scheme)) request.scheme = 'HTTP';
}

function requestsFromLimits(resources: Draft<ResourceRequirements> | undefined): void {
  if (resources?.limits === undefined) return;
  const requests = (resources.requests ??= {});
  for (const name in resources.limits) {
    const limit = resources.limits[name];
    if (limit !== undefined && requests[name] === undefined) requests[name] = limit;
  }
}

function defaultHostPorts(ports: Draft<ContainerPort>[] | undefined): void {
  for (const port of ports ?? []) if ((port.hostPort ?? 0) === 0) port.hostPort = port.containerPort;
}
