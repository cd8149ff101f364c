import { cidrWarnings } from '../shared/cidr-warnings.js';
import type { Service } from '../../machinery/api/core-v1.js';
import { addressWarning } from '../pod-spec/ip-address.js';
import { NO_CLUSTER_IP } from './service-traits.js';

const HINTS_ANNOTATION = 'service.kubernetes.io/topology-aware-hints';
const MODE_ANNOTATION = 'service.kubernetes.io/topology-mode';

/** Mirrors `GetWarningsForService`. */
export function serviceWarnings({ metadata, spec }: Service): readonly string[] {
  const warnings: (string | undefined)[] = [];
  if (metadata.annotations?.[HINTS_ANNOTATION] !== undefined) {
    warnings.push(`annotation ${HINTS_ANNOTATION} is deprecated, please use ${MODE_ANNOTATION} instead`);
  }
  const { clusterIP = '', clusterIPs = [], externalIPs = [], loadBalancerIP = '' } = spec;
  if (clusterIP !== '' && clusterIP !== NO_CLUSTER_IP) {
    for (const [index, address] of clusterIPs.entries())
      warnings.push(addressWarning(`spec.clusterIPs[${index}]`, address));
  }
  if (spec.type === 'ClusterIP' && clusterIP === NO_CLUSTER_IP) {
    if (loadBalancerIP !== '') warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  for (const [index, address] of externalIPs.entries())
    warnings.push(addressWarning(`spec.externalIPs[${index}]`, address));
  if (loadBalancerIP !== '') warnings.push(addressWarning('spec.loadBalancerIP', loadBalancerIP));
  for (const [index, cidr] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    warnings.push(...cidrWarnings(`spec.loadBalancerSourceRanges[${index}]`, cidr));
  }
  if (spec.type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (spec.type !== 'ExternalName' && (spec.externalName ?? '') !== '') {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings.filter((warning) => warning !== undefined);
}
