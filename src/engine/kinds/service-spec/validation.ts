/** Mirrors `ValidateServiceCreate`, `ValidateServiceUpdate` and `ValidateServiceStatusUpdate`. */
import type { Service, ServicePort } from '../../machinery/api/core-v1.js';
import { duplicate, forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { inclusiveRangeMessage, portNameFaults } from '../../machinery/names.js';
import {
  checkChoice,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabels,
  checkQualifiedName,
  reportFaults,
} from '../pod-spec/checks.js';
import { checkAddress, isAddress } from '../pod-spec/ip-address.js';
import { checkCidr, checkEndpointAddress } from '../shared/addresses.js';
import { PROTOCOLS, checkPortNumber } from '../shared/ports.js';
import { validateClusterIPs } from './cluster-ip-validation.js';
import {
  NO_CLUSTER_IP,
  isExternallyAccessible,
  isHeadless,
  isLoadBalancer,
  needsHealthCheck,
} from './service-traits.js';
import { validateAllocatedUpdate } from './update-validation.js';

const AFFINITY_SECONDS_MAX = 86_400;
const AFFINITIES: readonly string[] = ['ClientIP', 'None'];
const TYPES: readonly string[] = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const POLICIES: readonly string[] = ['Cluster', 'Local'];
const DISTRIBUTIONS: readonly string[] = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const HINTS_ANNOTATION = 'service.kubernetes.io/topology-aware-hints';
const MODE_ANNOTATION = 'service.kubernetes.io/topology-mode';
const SOURCE_RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';

export const validateService = (service: Service, report: Report): void => validate(service, undefined, report);

export function validateServiceUpdate(service: Service, old: Service, report: Report): void {
  validateAllocatedUpdate(service, old, report);
  if (isLoadBalancer(service) && isLoadBalancer(old) && service.spec.loadBalancerClass !== old.spec.loadBalancerClass) {
    report(invalid('spec.loadBalancerClass', service.spec.loadBalancerClass, 'may not change once set'));
  }
  validateLoadBalancerClass(service, report);
  if (
    needsHealthCheck(service) &&
    needsHealthCheck(old) &&
    service.spec.healthCheckNodePort !== old.spec.healthCheckNodePort
  ) {
    report(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  }
  validate(service, old, report);
}

function validate(service: Service, old: Service | undefined, report: Report): void {
  const { spec } = service;
  validateTopology(service, report);
  validateType(service, report);
  const ports = spec.ports ?? [];
  for (const [index, port] of ports.entries()) {
    const path = `spec.ports[${index}]`;
    validatePortName(ports, index, path, report);
    validatePort(port, path, report);
  }
  checkLabels(report, 'spec.selector', spec.selector);
  checkChoice(report, 'spec.sessionAffinity', spec.sessionAffinity, AFFINITIES);
  validateAffinity(service, report);
  validateClusterIPs(service, old, report);
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    const path = `spec.externalIPs[${index}]`;
    if (isAddress(address) || old?.spec.externalIPs?.includes(address) === true) {
      checkEndpointAddress(report, path, address);
    } else {
      checkAddress(report, path, address);
    }
  }
  checkChoice(report, 'spec.type', spec.type, TYPES);
  validateUniquePorts(service, report);
  validateLoadBalancer(service, old, report);
  validateLoadBalancerClass(service, report);
  validateTraffic(service, report);
}

function validateTopology({ metadata: { annotations = {} } }: Service, report: Report): void {
  const mode = annotations[MODE_ANNOTATION];
  const hints = annotations[HINTS_ANNOTATION];
  if (mode === undefined || hints === undefined || mode === hints) return;
  const fault = `must match annotations[${HINTS_ANNOTATION}] when both are specified`;
  report(invalid(`metadata.annotations[${MODE_ANNOTATION}]`, mode, fault));
}

function validateType(service: Service, report: Report): void {
  const { spec } = service;
  if ((spec.ports ?? []).length === 0 && !isHeadless(service) && spec.type !== 'ExternalName') {
    report(required('spec.ports'));
  }
  if ((spec.type === 'LoadBalancer' || spec.type === 'NodePort') && isHeadless(service)) {
    report(invalid('spec.clusterIPs[0]', NO_CLUSTER_IP, `may not be set to 'None' for ${spec.type} services`));
  }
  if (spec.type !== 'ExternalName') return;
  const unset = 'may not be set for ExternalName services';
  if ((spec.clusterIPs ?? []).length > 0) report(forbidden('spec.clusterIPs', unset));
  if ((spec.ipFamilies ?? []).length > 0) report(forbidden('spec.ipFamilies', unset));
  if (spec.ipFamilyPolicy !== undefined) report(forbidden('spec.ipFamilyPolicy', unset));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') report(required('spec.externalName'));
  else checkDnsSubdomain(report, 'spec.externalName', name);
}

/** Where there are several ports, each has a name of its own. */
function validatePortName(ports: readonly ServicePort[], index: number, path: string, report: Report): void {
  const { name = '' } = ports[index] ?? {};
  if (name === '') {
    if (ports.length > 1) report(required(`${path}.name`));
    return;
  }
  checkDnsLabel(report, `${path}.name`, name);
  if (ports.findIndex((each) => each.name === name) < index) report(duplicate(`${path}.name`, name));
}

function validatePort(port: ServicePort, path: string, report: Report): void {
  const { targetPort } = port;
  checkPortNumber(report, `${path}.port`, port.port);
  checkChoice(report, `${path}.protocol`, port.protocol, PROTOCOLS);
  if (typeof targetPort === 'string') {
    reportFaults(report, `${path}.targetPort`, targetPort, portNameFaults(targetPort));
  } else {
    checkPortNumber(report, `${path}.targetPort`, targetPort ?? 0);
  }
  if (port.appProtocol !== undefined) checkQualifiedName(report, `${path}.appProtocol`, port.appProtocol);
}

function validateAffinity({ spec }: Service, report: Report): void {
  const path = 'spec.sessionAffinityConfig';
  const { sessionAffinity: affinity, sessionAffinityConfig: config } = spec;
  if (affinity === 'None' && config !== undefined) {
    report(forbidden(path, 'must not be set when session affinity is None'));
  }
  if (affinity !== 'ClientIP') return;
  const seconds = config?.clientIP?.timeoutSeconds;
  const missing = 'when session affinity type is ClientIP';
  if (config === undefined) report(required(path, missing));
  else if (config.clientIP === undefined) report(required(`${path}.clientIP`, missing));
  else if (seconds === undefined) report(required(`${path}.clientIP.timeoutSeconds`, missing));
  else if (seconds <= 0 || seconds > AFFINITY_SECONDS_MAX) {
    const fault = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`;
    report(invalid(`${path}.clientIP.timeoutSeconds`, seconds, fault));
  }
}

function validateUniquePorts({ spec }: Service, report: Report): void {
  const ports = spec.ports ?? [];
  if (spec.type === 'ClusterIP') {
    for (const [index, { nodePort = 0 }] of ports.entries()) {
      if (nodePort === 0) continue;
      report(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  const nodePorts = new Set<string>();
  for (const [index, { nodePort = 0, protocol = '' }] of ports.entries()) {
    if (nodePort === 0) continue;
    const key = `${protocol} ${nodePort}`;
    if (nodePorts.has(key)) report(duplicate(`spec.ports[${index}].nodePort`, nodePort));
    nodePorts.add(key);
  }
  const numbers = new Set<string>();
  for (const [index, { port, protocol = '' }] of ports.entries()) {
    const key = `${protocol} ${port}`;
    if (numbers.has(key)) {
      // Upstream prints its internal key, a port with nothing but these two set.
      const printed = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
      report(duplicate(`spec.ports[${index}]`, printed));
    }
    numbers.add(key);
  }
}

function validateLoadBalancer(service: Service, old: Service | undefined, report: Report): void {
  const { spec, metadata } = service;
  const elsewhere = "may only be used when `type` is 'LoadBalancer'";
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const annotation = metadata.annotations?.[SOURCE_RANGES_ANNOTATION];
  if (ranges.length > 0) {
    const path = 'spec.LoadBalancerSourceRanges';
    if (!isLoadBalancer(service)) report(forbidden(path, elsewhere));
    const before = (old?.spec.loadBalancerSourceRanges ?? []).map((each) => each.trim());
    for (const [index, range] of ranges.map((each) => each.trim()).entries()) {
      if (!before.includes(range)) checkCidr(report, `${path}[${index}]`, range);
    }
  } else if (annotation !== undefined) {
    const path = `metadata.annotations[${SOURCE_RANGES_ANNOTATION}]`;
    if (!isLoadBalancer(service)) report(forbidden(path, elsewhere));
    if (annotation.trim() !== '' && old?.metadata.annotations?.[SOURCE_RANGES_ANNOTATION] !== annotation) {
      for (const range of annotation.trim().split(',')) checkCidr(report, path, range.trim());
    }
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer(service)) {
    report(forbidden('spec.allocateLoadBalancerNodePorts', elsewhere));
  }
  if (spec.allocateLoadBalancerNodePorts === undefined && isLoadBalancer(service)) {
    report(required('allocateLoadBalancerNodePorts'));
  }
}

function validateLoadBalancerClass(service: Service, report: Report): void {
  const { loadBalancerClass } = service.spec;
  if (loadBalancerClass === undefined) return;
  if (isLoadBalancer(service)) checkQualifiedName(report, 'spec.loadBalancerClass', loadBalancerClass);
  else report(forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
}

function validateTraffic(service: Service, report: Report): void {
  const { spec } = service;
  const { externalTrafficPolicy: external = '', healthCheckNodePort = 0 } = spec;
  if (isExternallyAccessible(service)) checkChoice(report, 'spec.externalTrafficPolicy', external, POLICIES);
  else if (external !== '') {
    report(invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'));
  }
  if (needsHealthCheck(service)) {
    if (healthCheckNodePort === 0) report(required('spec.healthCheckNodePort'));
    else if (healthCheckNodePort < 1 || healthCheckNodePort > 65_535) {
      report(invalid('spec.healthCheckNodePort', healthCheckNodePort, inclusiveRangeMessage(1, 65_535)));
    }
  } else if (healthCheckNodePort !== 0) {
    const fault = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    report(invalid('spec.healthCheckNodePort', healthCheckNodePort, fault));
  }
  const { internalTrafficPolicy: internal, trafficDistribution } = spec;
  if (internal === undefined) {
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer' || spec.type === 'ClusterIP') {
      report(required('spec.internalTrafficPolicy'));
    }
  } else if (!POLICIES.includes(internal)) {
    report(notSupported('spec.internalTrafficPolicy', internal, POLICIES));
  }
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) {
    report(notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS));
  }
}
