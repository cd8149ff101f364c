import { limitRange } from '../../../kinds/limit-range.js';
import { persistentVolumeClaim } from '../../../kinds/persistent-volume-claim.js';
import { pod } from '../../../kinds/pod.js';
import type { Container, LimitRange, LimitRangeItem, Pod } from '../../../machinery/api/core-v1.js';
import type { Draft } from '../../../machinery/object.js';
import { formatQuantity, type Quantity } from '../../../machinery/quantity.js';
import { compareQuantity, quantityMilliValue } from '../../../machinery/quantity.js';
import { defineIndex, type ResourceReader } from '../../../machinery/resource-reader.port.js';
import { podTotals, quantitiesOf, type Quantities } from '../../../kinds/shared/pod-totals.js';
import { defineAdmissionPlugin, objectOf, type AdmissionAttributes } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';

const ANNOTATION = 'kubernetes.io/limit-ranger';
const byNamespace = defineIndex<LimitRange>({
  name: 'namespace',
  keysOf: ({ metadata }) => [metadata.namespace ?? ''],
});
const NOTHING: Quantities = Object.freeze({});

type ResourceList = Readonly<Record<string, string | number>>;

/** Gives containers the namespace's default requests and limits, and refuses pods and claims outside of its bounds. */
export const limitRanger = defineAdmissionPlugin({
  name: 'LimitRanger',
  operations: ['CREATE', 'UPDATE'],
  resources: ['pods', 'persistentvolumeclaims'],

  admit(attributes, { reader }) {
    if (!isLimited(attributes) || attributes.kind.plural !== 'pods') return undefined;
    const draft = objectOf(pod, attributes);
    for (const range of rangesOf(attributes, reader)) setDefaults(draft, range);
    return undefined;
  },

  validate(attributes, { reader }) {
    if (!isLimited(attributes)) return undefined;
    for (const range of rangesOf(attributes, reader)) {
      const faults = [...new Set((range.spec?.limits ?? []).flatMap((limit) => faultsOf(limit, attributes)))];
      if (faults.length === 0) continue;
      throw admissionForbidden(attributes, faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`);
    }
    return undefined;
  },
});

/** A pod's resources are set once, and again when it is resized; a claim's may grow. */
function isLimited({ kind, subresource, operation, old }: AdmissionAttributes): boolean {
  if (old?.metadata.deletionTimestamp !== undefined) return false;
  if (kind.plural === 'pods' && operation === 'UPDATE') return subresource === 'resize';
  return subresource === undefined;
}

const rangesOf = ({ namespace = '' }: AdmissionAttributes, reader: ResourceReader): readonly LimitRange[] =>
  reader.indexed(limitRange, byNamespace, namespace);

function setDefaults({ metadata, spec }: Draft<Pod>, { spec: range }: LimitRange): void {
  const [requests, limits]: [Record<string, string>, Record<string, string>] = [{}, {}];
  for (const limit of range?.limits ?? []) {
    if (limit.type !== 'Container') continue;
    Object.assign(requests, limit.defaultRequest);
    Object.assign(limits, limit.default);
  }
  const notes: string[] = [];
  const fill = (container: Draft<Container>, title: string): void => {
    const added = {
      request: missingOf(container.resources?.requests, requests),
      limit: missingOf(container.resources?.limits, limits),
    };
    const resources = (container.resources ??= {});
    if (added.request.length > 0) resources.requests = { ...requests, ...resources.requests };
    if (added.limit.length > 0) resources.limits = { ...limits, ...resources.limits };
    for (const what of ['request', 'limit'] as const) {
      if (added[what].length > 0) notes.push(`${added[what].join(', ')} ${what} for ${title} ${container.name}`);
    }
  };
  for (const container of spec.containers ?? []) fill(container, 'container');
  for (const container of spec.initContainers ?? []) fill(container, 'init container');
  if (notes.length > 0) (metadata.annotations ??= {})[ANNOTATION] = `LimitRanger plugin set: ${notes.join('; ')}`;
}

const missingOf = (given: ResourceList = {}, defaults: ResourceList): readonly string[] =>
  Object.keys(defaults)
    .filter((name) => given[name] === undefined)
    .sort();

function faultsOf(limit: LimitRangeItem, attributes: AdmissionAttributes): readonly string[] {
  if (attributes.kind.plural === 'persistentvolumeclaims') {
    if (limit.type !== 'PersistentVolumeClaim') return [];
    const requests = quantitiesOf(objectOf(persistentVolumeClaim, attributes).spec?.resources?.requests);
    return [...minFaults(limit, requests, NOTHING), ...maxRequestFaults(limit, requests)];
  }
  const { spec } = objectOf(pod, attributes);
  const usages: readonly (readonly [Quantities, Quantities])[] =
    limit.type === 'Container'
      ? [...spec.containers, ...(spec.initContainers ?? [])].map(
          ({ resources }) => [quantitiesOf(resources?.requests), quantitiesOf(resources?.limits)] as const,
        )
      : limit.type === 'Pod'
        ? [[podTotals(spec, 'requests'), podTotals(spec, 'limits')]]
        : [];
  return usages.flatMap(([requests, limits]) => [
    ...minFaults(limit, requests, limits),
    ...maxFaults(limit, requests, limits),
    ...ratioFaults(limit, requests, limits),
  ]);
}

const bounds = (list: ResourceList | undefined): readonly (readonly [string, Quantity])[] =>
  Object.entries(quantitiesOf(list)).sort(([a], [b]) => (a < b ? -1 : 1));

function minFaults({ type, min }: LimitRangeItem, requests: Quantities, limits: Quantities): readonly string[] {
  return bounds(min).flatMap(([name, least]) => {
    const start = `minimum ${name} usage per ${type} is ${formatQuantity(least)}`;
    const [request, limit] = [requests[name], limits[name]];
    if (request === undefined) return `${start}.  No request is specified`;
    if (compareQuantity(request, least) < 0) return `${start}, but request is ${formatQuantity(request)}`;
    if (limit === undefined || compareQuantity(limit, least) >= 0) return [];
    return `${start}, but limit is ${formatQuantity(limit)}`;
  });
}

function maxFaults({ type, max }: LimitRangeItem, requests: Quantities, limits: Quantities): readonly string[] {
  return bounds(max).flatMap(([name, most]) => {
    const start = `maximum ${name} usage per ${type} is ${formatQuantity(most)}`;
    const [request, limit] = [requests[name], limits[name]];
    if (limit === undefined) return `${start}.  No limit is specified`;
    if (compareQuantity(limit, most) > 0) return `${start}, but limit is ${formatQuantity(limit)}`;
    if (request === undefined || compareQuantity(request, most) <= 0) return [];
    return `${start}, but request is ${formatQuantity(request)}`;
  });
}

function maxRequestFaults({ type, max }: LimitRangeItem, requests: Quantities): readonly string[] {
  return bounds(max).flatMap(([name, most]) => {
    const start = `maximum ${name} usage per ${type} is ${formatQuantity(most)}`;
    const request = requests[name];
    if (request === undefined) return `${start}.  No request is specified`;
    return compareQuantity(request, most) > 0 ? `${start}, but request is ${formatQuantity(request)}` : [];
  });
}

function ratioFaults(item: LimitRangeItem, requests: Quantities, limits: Quantities): readonly string[] {
  return bounds(item.maxLimitRequestRatio).flatMap(([name, most]) => {
    const start = `${name} max limit to request ratio per ${item.type} is ${formatQuantity(most)}`;
    const [request, limit] = [milliOf(requests[name]), milliOf(limits[name])];
    if (request === 0) return `${start}, but no request is specified or request is 0`;
    if (limit === 0) return `${start}, but no limit is specified or limit is 0`;
    const ratio = limit / request;
    return ratio * 1_000 > milliOf(most) ? `${start}, but provided ratio is ${ratio.toFixed(6)}` : [];
  });
}

const milliOf = (quantity: Quantity | undefined): number =>
  quantity === undefined ? 0 : quantityMilliValue(formatQuantity(quantity));
