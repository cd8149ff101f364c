/**
 * Which address families a Service gets. The clusters have one family of Service addresses, IPv4, as upstream's default has;
 * a headless Service without a selector may name both, because nothing is allocated for it.
 */
import type { Service } from '../../machinery/api/core-v1.js';
import type { FieldError } from '../../machinery/field-error.js';
import { invalid } from '../../machinery/field-error.js';
import type { Draft } from '../../machinery/object.js';
import * as status from '../../machinery/status-error.js';
import { familyOf } from '../shared/addresses.js';
import { validateClusterIPs } from './cluster-ip-validation.js';
import { NO_CLUSTER_IP, sameList } from './service-traits.js';

const FAMILY = 'IPv4';
const OTHER_FAMILY = { IPv4: 'IPv6', IPv6: 'IPv4' } as const;
const POLICY_PATH = 'spec.ipFamilyPolicy';

/** Fills `ipFamilies` and `ipFamilyPolicy`. Throws a StatusError 422 for what the cluster cannot give. */
export function initialiseFamilies(draft: Draft<Service>, old: Service | undefined): void {
  const { spec } = draft;
  if (spec.type === 'ExternalName') return;
  if (old !== undefined && keepsPreferredDualStack(draft, old)) return;
  const isFree = spec.clusterIP === NO_CLUSTER_IP && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (isFree ? 'RequireDualStack' : 'SingleStack');
  refuse(
    draft,
    collect((report) => validateClusterIPs(draft, old, report)),
  );
  refuse(draft, [
    ...(old === undefined ? [] : reducedErrors(draft, old)),
    ...policyErrors(draft),
    ...inferFamilies(draft),
  ]);
  if (isFree) return fillBothFamilies(draft);
  refuse(draft, unavailableErrors(draft));
  if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = [FAMILY];
}

const keepsPreferredDualStack = (draft: Service, old: Service): boolean =>
  old.spec.type !== 'ExternalName' &&
  draft.spec.ipFamilyPolicy === 'PreferDualStack' &&
  old.spec.ipFamilyPolicy === 'PreferDualStack' &&
  sameList(draft.spec.clusterIPs, old.spec.clusterIPs) &&
  sameList(draft.spec.ipFamilies, old.spec.ipFamilies);

function reducedErrors(draft: Draft<Service>, old: Service): readonly FieldError[] {
  const { spec } = draft;
  const families = spec.ipFamilies ?? [];
  const addresses = spec.clusterIPs ?? [];
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (sameList(old.spec.clusterIPs, addresses) && addresses.length > 1) spec.clusterIPs = addresses.slice(0, 1);
    if (sameList(old.spec.ipFamilies, families) && families.length > 1) spec.ipFamilies = families.slice(0, 1);
    return [];
  }
  const errors: FieldError[] = [];
  const isReduced = (now: readonly string[], before: readonly string[] = []): boolean =>
    now.length > 0 && now.length < before.length;
  if (isReduced(addresses, old.spec.clusterIPs)) {
    errors.push(invalid(POLICY_PATH, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP"));
  }
  if (isReduced(families, old.spec.ipFamilies)) {
    errors.push(invalid(POLICY_PATH, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family"));
  }
  return errors;
}

function policyErrors({ spec }: Service): readonly FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return [];
  const fault = (what: string): FieldError =>
    invalid(
      POLICY_PATH,
      spec.ipFamilyPolicy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
    );
  return [
    ...((spec.clusterIPs ?? []).length === 2 ? [fault('cluster IPs')] : []),
    ...((spec.ipFamilies ?? []).length === 2 ? [fault('IP families')] : []),
  ];
}

function inferFamilies({ spec }: Draft<Service>): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === NO_CLUSTER_IP) break;
    if (index < (spec.ipFamilies ?? []).length) continue;
    const family = familyOf(address);
    if (family === FAMILY) (spec.ipFamilies ??= []).push(family);
    else {
      const fault = `${family} is not configured on this cluster`;
      errors.push(invalid(`spec.clusterIPs[${index}]`, spec.clusterIPs, fault));
    }
  }
  return errors;
}

function fillBothFamilies({ spec }: Draft<Service>): void {
  const families = (spec.ipFamilies ??= []);
  if (families.length === 0) families.push(FAMILY);
  if (families.length < 2 && spec.ipFamilyPolicy !== 'SingleStack') {
    families.push(families[0] === 'IPv4' ? OTHER_FAMILY.IPv4 : OTHER_FAMILY.IPv6);
  }
}

function unavailableErrors({ spec }: Service): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    errors.push(invalid(POLICY_PATH, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  }
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (family !== FAMILY) errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  }
  return errors;
}

function collect(run: (report: (error: FieldError) => void) => void): readonly FieldError[] {
  const errors: FieldError[] = [];
  run((error) => errors.push(error));
  return errors;
}

function refuse({ metadata }: Service, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw status.invalid({ group: '', kind: 'Service' }, metadata.name, errors);
}
