/** Mirrors `ValidateNetworkPolicy` and `ValidateNetworkPolicyUpdate`. */
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../machinery/api/networking-v1.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { portNameFaults } from '../../machinery/names.js';
import { checkLabelSelector, hasInvalidSelectorValue, reportFaults } from '../pod-spec/checks.js';
import { checkCidr, isWithin, parseCidr } from '../shared/addresses.js';
import { checkPortNumber } from '../shared/ports.js';

const PROTOCOLS: readonly string[] = ['TCP', 'UDP', 'SCTP'];
const POLICY_TYPES: readonly string[] = ['Ingress', 'Egress'];

/** What an object held before may stay, even where it breaks a rule. */
interface Leniency {
  readonly allowsInvalidValues: boolean;
  readonly cidrs: readonly string[];
}

export function validateNetworkPolicy(policy: NetworkPolicy, old: NetworkPolicy | undefined, report: Report): void {
  const { podSelector, ingress = [], egress = [], policyTypes = [] } = policy.spec ?? {};
  const leniency: Leniency = {
    allowsInvalidValues: hasInvalidSelectorValue(old?.spec?.podSelector),
    cidrs: old === undefined ? [] : cidrsOf(old),
  };
  checkLabelSelector(report, 'spec.podSelector', podSelector, leniency);
  for (const [index, { ports = [], from = [] }] of ingress.entries()) {
    const path = `spec.ingress[${index}]`;
    for (const [at, port] of ports.entries()) validatePort(port, `${path}.ports[${at}]`, report);
    for (const [at, peer] of from.entries()) validatePeer(peer, `${path}.from[${at}]`, leniency, report);
  }
  for (const [index, { ports = [], to = [] }] of egress.entries()) {
    const path = `spec.egress[${index}]`;
    for (const [at, port] of ports.entries()) validatePort(port, `${path}.ports[${at}]`, report);
    for (const [at, peer] of to.entries()) validatePeer(peer, `${path}.to[${at}]`, leniency, report);
  }
  if (policyTypes.length > POLICY_TYPES.length) {
    return report(invalid('spec.policyTypes', policyTypes, 'may not specify more than two policyTypes'));
  }
  for (const [index, type] of policyTypes.entries()) {
    if (!POLICY_TYPES.includes(type)) report(notSupported(`spec.policyTypes[${index}]`, type, POLICY_TYPES));
  }
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string, report: Report): void {
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) {
    report(notSupported(`${path}.protocol`, protocol, PROTOCOLS));
  }
  if (port === undefined) {
    if (endPort !== undefined) {
      report(invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is not specified'));
    }
  } else if (typeof port === 'number') {
    checkPortNumber(report, `${path}.port`, port);
    if (endPort === undefined) return;
    if (endPort < port) report(invalid(`${path}.endPort`, port, 'must be greater than or equal to `port`'));
    checkPortNumber(report, `${path}.endPort`, endPort);
  } else {
    if (endPort !== undefined) {
      report(invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
    }
    reportFaults(report, `${path}.port`, port, portNameFaults(port));
  }
}

function validatePeer(peer: NetworkPolicyPeer, path: string, leniency: Leniency, report: Report): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  checkLabelSelector(report, `${path}.podSelector`, podSelector, leniency);
  checkLabelSelector(report, `${path}.namespaceSelector`, namespaceSelector, leniency);
  if (ipBlock !== undefined) validateBlock(ipBlock, `${path}.ipBlock`, leniency, report);
  const hasSelector = podSelector !== undefined || namespaceSelector !== undefined;
  if (!hasSelector && ipBlock === undefined) report(required(path, 'must specify a peer'));
  else if (hasSelector && ipBlock !== undefined) {
    report(forbidden(path, 'may not specify both ipBlock and another peer'));
  }
}

function validateBlock({ cidr, except = [] }: IPBlock, path: string, { cidrs }: Leniency, report: Report): void {
  if (cidr === '') return report(required(`${path}.cidr`));
  if (!cidrs.includes(cidr)) checkCidr(report, `${path}.cidr`, cidr);
  const whole = parseCidr(cidr);
  if (whole === undefined) return;
  for (const [index, text] of except.entries()) {
    const at = `${path}.except[${index}]`;
    if (!cidrs.includes(text)) checkCidr(report, at, text);
    const part = parseCidr(text);
    if (part === undefined) continue;
    if (!isWithin(whole, part.address) || whole.prefixLength >= part.prefixLength) {
      report(invalid(at, text, 'must be a strict subset of `cidr`'));
    }
  }
}

function cidrsOf({ spec }: NetworkPolicy): readonly string[] {
  const peers = [
    ...(spec?.ingress ?? []).flatMap(({ from = [] }) => from),
    ...(spec?.egress ?? []).flatMap(({ to = [] }) => to),
  ];
  return peers.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])]));
}
