/** Mirrors `ValidateNode` and `ValidateNodeUpdate`. Left out: the alpha annotations of taints and the kubelet's dynamic configuration. */
import type { Node, ResourceList, Taint } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { duplicate, forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import { parseJson } from '../../machinery/json/parse-json.js';
import type { Report } from '../../machinery/kind.js';
import { labelValueFaults } from '../../machinery/names.js';
import { checkPositive, checkQualifiedName } from '../pod-spec/checks.js';
import { checkCidr, parseCidr } from '../shared/addresses.js';
import { checkResourceQuantity } from '../shared/resources.js';

const EFFECTS: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const AVOID_PODS_ANNOTATION = 'scheduler.alpha.kubernetes.io/preferAvoidPods';

export function validateNode(node: Node, report: Report): void {
  const { spec, status } = node;
  validateAnnotations(node, report);
  validateTaints(spec.taints ?? [], report);
  validateResources(node, report);
  const swap = status?.nodeInfo?.swap?.capacity;
  if (swap !== undefined) checkPositive(report, 'metadata.nodeSwapStatus.capacity', swap);
  validateCidrs(spec.podCIDRs ?? [], report);
}

export function validateNodeUpdate(node: Node, old: Node, report: Report): void {
  const { spec, status } = node;
  validateAnnotations(node, report);
  validateResources(node, report);
  const addresses = status?.addresses ?? [];
  for (const [index, address] of addresses.entries()) {
    if (addresses.findIndex((each) => deepEqual(each, address)) === index) continue;
    report(duplicate(`status.addresses[${index}]`, { Type: address.type, Address: address.address }));
  }
  validateCidrsUpdate(spec.podCIDRs ?? [], old.spec.podCIDRs ?? [], report);
  if ((old.spec.providerID ?? '') !== '' && old.spec.providerID !== spec.providerID) {
    report(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  validateTaints(spec.taints ?? [], report);
  if ((spec.externalID ?? '') !== (old.spec.externalID ?? '')) {
    report(forbidden('spec.externalID', 'may not be updated'));
  }
}

function validateAnnotations({ metadata: { annotations = {} } }: Node, report: Report): void {
  const avoidance = annotations[AVOID_PODS_ANNOTATION] ?? '';
  if (avoidance === '') return;
  const { fault } = parseJson(avoidance);
  if (fault !== undefined) report(invalid('metadata.annotations.AvoidPods', AVOID_PODS_ANNOTATION, fault));
}

function validateTaints(taints: readonly Taint[], report: Report): void {
  const seen = new Set<string>();
  for (const [index, { key, value = '', effect, timeAdded }] of taints.entries()) {
    const path = `metadata.taints[${index}]`;
    checkQualifiedName(report, `${path}.key`, key);
    const faults = labelValueFaults(value);
    if (faults.length > 0) report(invalid(`${path}.value`, value, faults.join(';')));
    if (effect === '') report(required(`${path}.effect`));
    else if (!EFFECTS.includes(effect)) report(notSupported(`${path}.effect`, effect, EFFECTS));
    const identity = `${effect} ${key}`;
    if (seen.has(identity)) {
      const printed = { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null };
      report({ ...duplicate(path, printed), detail: 'taints must be unique by key and effect pair' });
    }
    seen.add(identity);
  }
}

function validateResources({ status }: Node, report: Report): void {
  const check = (path: string, list: ResourceList = {}): void => {
    for (const name of Object.keys(list).toSorted()) {
      checkResourceQuantity(report, `${path}.${name}`, name, list[name] ?? '0');
    }
  };
  check('status.capacity', status?.capacity);
  check('status.allocatable', status?.allocatable);
}

function validateCidrs(cidrs: readonly string[], report: Report): void {
  for (const [index, cidr] of cidrs.entries()) checkCidr(report, `spec.podCIDRs[${index}]`, cidr);
  if (cidrs.length < 2) return;
  const faulty = cidrs.findIndex((cidr) => parseCidr(cidr) === undefined);
  if (faulty >= 0) {
    const cause = `invalid CIDR[${faulty}]: <nil> (invalid CIDR address: ${cidrs[faulty]})`;
    const detail = `invalid PodCIDRs. failed to check with dual stack with error:${cause}`;
    report({ type: 'Internal', field: 'spec.podCIDRs', detail });
  }
  const families = new Set(cidrs.map((cidr) => parseCidr(cidr)?.address.family));
  if (faulty < 0 && families.size === 2 && cidrs.length === 2) return;
  report(invalid('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family'));
}

function validateCidrsUpdate(cidrs: readonly string[], old: readonly string[], report: Report): void {
  if (old.length === 0) return;
  const changes = cidrs.length === old.length ? old.filter((cidr, index) => cidr !== cidrs[index]) : ['count'];
  for (const _ of changes)
    report(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
}
