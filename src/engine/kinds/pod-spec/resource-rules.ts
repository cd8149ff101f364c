import type { PodSpec, ResourceClaim, ResourceList, ResourceRequirements } from '../../machinery/api/core-v1.js';
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { qualifiedNameFaults } from '../../machinery/names.js';
import type { Quantity } from '../../machinery/quantity.js';
import {
  compareQuantities,
  compareQuantity,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityOf,
  quantityValue,
} from '../../machinery/quantity.js';
import { checkDnsLabel, reportFaults } from './checks.js';
import { isPodLevelResource } from './pod-resource-defaults.js';
import type { ResourceKind } from './resource-lists.js';
import {
  aggregateResources,
  isCountedResource,
  isExtendedResource,
  isHugePages,
  isNativeResource,
  isOvercommitAllowed,
  isStandardContainerResource,
  isStandardResource,
  quantityFrom,
} from './resource-lists.js';

const ZERO = quantityOf(0);
const POD_LEVEL_RESOURCES = ['cpu', 'hugepages-', 'memory'];
const MILLI = 1_000;
const NO_RESOURCES: ResourceList = Object.freeze({});

type NameRule = (report: Report, path: string, name: string) => void;

export function checkContainerResources(
  report: Report,
  path: string,
  requirements: ResourceRequirements,
  claimNames: ReadonlySet<string>,
): void {
  checkRequirements(report, path, requirements, checkContainerResourceName);
  if (requirements.claims !== undefined) checkClaims(report, `${path}.claims`, requirements.claims, claimNames);
}

export function checkOverhead(report: Report, path: string, overhead: ResourceList): void {
  checkRequirements(report, path, { limits: overhead }, checkContainerResourceName);
}

/** The resources of the pod as a whole. */
export function checkPodResources(report: Report, at: string, spec: PodSpec, claimNames: ReadonlySet<string>): void {
  const { resources, os } = spec;
  if (resources === undefined) return;
  if (os?.name === 'windows') return report(forbidden(at, 'may not be set for a windows pod'));
  if (resources.claims !== undefined) {
    report(forbidden(`${at}.claims`, 'claims may not be set for Resources at pod-level'));
  }
  checkRequirements(report, at, resources, checkPodResourceName);
  if (resources.claims !== undefined) checkClaims(report, `${at}.claims`, resources.claims, claimNames);
  checkAggregates(report, at, spec, resources);
}

function checkRequirements(report: Report, path: string, requirements: ResourceRequirements, rule: NameRule): void {
  const { limits = NO_RESOURCES, requests = NO_RESOURCES } = requirements;
  let [computes, pages] = [false, false];
  for (const name in limits) {
    const text = limits[name] ?? '0';
    const at = `${path}.limits[${name}]`;
    rule(report, at, name);
    checkQuantity(report, at, name, text);
    checkPages(report, at, name, text);
    computes ||= name === 'cpu' || name === 'memory';
    pages ||= isHugePages(name);
  }
  for (const name in requests) {
    const text = requests[name] ?? '0';
    const at = `${path}.requests[${name}]`;
    rule(report, at, name);
    checkQuantity(report, at, name, text);
    checkAgainstLimit(report, path, { name, text, limit: limits[name] });
    checkPages(report, at, name, text);
    computes ||= name === 'cpu' || name === 'memory';
    pages ||= isHugePages(name);
  }
  if (pages && !computes) report(forbidden(path, 'HugePages require cpu or memory'));
}

interface Request {
  readonly name: string;
  readonly text: string;
  readonly limit: string | undefined;
}

function checkAgainstLimit(report: Report, path: string, { name, text, limit }: Request): void {
  if (limit === undefined) {
    if (!isOvercommitAllowed(name)) {
      report(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
    }
    return;
  }
  if (text === limit) return;
  const difference = compareQuantities(text, limit);
  if (difference !== 0 && !isOvercommitAllowed(name)) {
    report(invalid(`${path}.requests`, text, `must be equal to ${name} limit of ${limit}`));
  } else if (difference > 0) {
    report(invalid(`${path}.requests`, text, `must be less than or equal to ${name} limit of ${limit}`));
  }
}

function checkQuantity(report: Report, path: string, name: string, text: string): void {
  if (text.startsWith('-') && compareQuantity(quantityFrom(text), ZERO) < 0) {
    report(invalid(path, text, 'must be greater than or equal to 0'));
  }
  if (isCountedResource(name) && quantityMilliValue(text) % MILLI !== 0) {
    report(invalid(path, text, 'must be an integer'));
  }
}

function checkPages(report: Report, path: string, name: string, text: string): void {
  if (!isHugePages(name) || isMultipleOfPage(name, text)) return;
  report(invalid(path, text, `${text} is not positive integer multiple of ${name}`));
}

function isMultipleOfPage(name: string, text: string): boolean {
  const page = parseQuantity(name.slice('hugepages-'.length));
  if (page === undefined || compareQuantity(page, ZERO) <= 0) return false;
  const size = formatQuantity(page);
  return quantityMilliValue(size) % MILLI === 0 && quantityValue(text) % quantityValue(size) === 0;
}

export function checkContainerResourceName(report: Report, path: string, name: string): void {
  if (name === 'cpu' || name === 'memory') return;
  checkResourceName(report, path, name);
  if (!name.includes('/')) {
    if (!isStandardContainerResource(name)) report(invalid(path, name, 'must be a standard resource for containers'));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    report(invalid(path, name, "doesn't follow extended resource name standard"));
  }
}

function checkPodResourceName(report: Report, path: string, name: string): void {
  if (checkResourceName(report, path, name) && !isPodLevelResource(name)) {
    report(notSupported(path, name, POD_LEVEL_RESOURCES));
  }
}

/** Whether the name has no fault. */
function checkResourceName(report: Report, path: string, name: string): boolean {
  const faults = qualifiedNameFaults(name);
  if (faults.length > 0) {
    reportFaults(report, path, name, faults);
    return false;
  }
  if (name.includes('/') || isStandardResource(name)) return true;
  report(invalid(path, name, 'must be a standard resource type or fully qualified'));
  return false;
}

function checkClaims(
  report: Report,
  path: string,
  claims: readonly ResourceClaim[],
  claimNames: ReadonlySet<string>,
): void {
  const seen = new Set<string>();
  for (const [index, { name, request = '' }] of claims.entries()) {
    const at = `${path}[${index}]`;
    if (name === '') {
      report(required(at));
      continue;
    }
    if (seen.has(name)) report(duplicate(at, name));
    else {
      if (request !== '') checkDnsLabel(report, `${at}.request`, request);
      const key = request === '' ? name : `${name}/${request}`;
      if (seen.has(key)) report(duplicate(at, key));
      else if (request === '') {
        for (const each of seen) if (each.startsWith(`${name}/`)) report(duplicate(at, name));
      }
      seen.add(key);
    }
    if (!claimNames.has(name)) {
      const known = claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].toSorted().join(', ')}`;
      report({ ...notFound(at, name), detail: `must be one of the names in pod.spec.resourceClaims${known}` });
    }
  }
}

/** What the containers ask for together must fit what the pod asks for. */
function checkAggregates(report: Report, path: string, spec: PodSpec, resources: ResourceRequirements): void {
  checkSum(report, path, { kind: 'requests', sums: aggregateResources(spec, 'requests'), given: resources.requests });
  const limits = new Map([...aggregateResources(spec, 'limits')].filter(([name]) => isHugePages(name)));
  checkSum(report, path, { kind: 'limits', sums: limits, given: resources.limits });
  for (const [index, container] of spec.containers.entries()) {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const bound = resources.limits?.[name];
      if (bound === undefined || compareQuantity(quantityFrom(limit), quantityFrom(bound)) <= 0) continue;
      const at = `${path}.containers[${index}][${name}].limits`;
      report(invalid(at, limit, `must be less than or equal to pod limits of ${bound}`));
    }
  }
}

interface Sums {
  readonly kind: ResourceKind;
  readonly sums: ReadonlyMap<string, Quantity>;
  readonly given: ResourceList | undefined;
}

function checkSum(report: Report, path: string, { kind, sums, given }: Sums): void {
  for (const [name, sum] of sums) {
    const bound = given?.[name];
    if (bound === undefined || compareQuantity(sum, quantityFrom(bound)) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container ${kind} of ${formatQuantity(sum)}`;
    report(invalid(`${path}.${kind}[${name}]`, bound, detail));
  }
}
