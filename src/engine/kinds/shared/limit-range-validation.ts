/** Mirrors `ValidateLimitRange`. */
import type { LimitRange, LimitRangeItem, ResourceList } from '../../machinery/api/core-v1.js';
import { duplicate, forbidden, invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import type { Draft } from '../../machinery/object.js';
import { compareQuantity, quantityMilliValue, quantityOf } from '../../machinery/quantity.js';
import { checkQualifiedName } from '../pod-spec/checks.js';
import { isOvercommitAllowed, quantityFrom, roundResources } from '../pod-spec/resource-lists.js';
import { checkContainerResourceName } from '../pod-spec/resource-rules.js';
import { checkResourceName } from './resources.js';

const TYPES: readonly string[] = ['Pod', 'Container', 'PersistentVolumeClaim'];

/** A container's limit is its maximum, its request its limit, or else its minimum. */
export function defaultLimits({ spec }: Draft<LimitRange>): void {
  for (const item of spec.limits ?? []) {
    for (const list of [item.max, item.min, item.default, item.defaultRequest, item.maxLimitRequestRatio]) {
      roundResources(list);
    }
    if (item.type !== 'Container') continue;
    const limits = { ...item.max, ...item.default };
    const requests = { ...item.min, ...limits, ...item.defaultRequest };
    if (Object.keys(limits).length > 0) item.default = limits;
    if (Object.keys(requests).length > 0) item.defaultRequest = requests;
  }
}

/** What upstream stores of an empty list is none. */
export function dropEmptyLimits({ spec }: Draft<LimitRange>): void {
  if (spec.limits?.length === 0) spec.limits = null;
}

export function validateLimitRange({ spec }: LimitRange, report: Report): void {
  const types = new Set<string>();
  for (const [index, item] of (spec?.limits ?? []).entries()) {
    const path = `spec.limits[${index}]`;
    validateType(item.type, `${path}.type`, report);
    if (types.has(item.type)) report(duplicate(`${path}.type`, item.type));
    types.add(item.type);
    validateNames(item, path, report);
    const lists = [item.max, item.min, item.maxLimitRequestRatio];
    if (item.type !== 'Pod') lists.push(item.default, item.defaultRequest);
    const names = new Set(lists.flatMap((list) => Object.keys(list ?? {})));
    for (const name of [...names].toSorted()) validateValues(item, name, path, report);
  }
}

function validateType(type: string, path: string, report: Report): void {
  let isQualified = true;
  checkQualifiedName(
    (error) => {
      isQualified = false;
      report(error);
    },
    path,
    type,
  );
  if (!isQualified || type.includes('/') || TYPES.includes(type)) return;
  report(invalid(path, type, 'must be a standard limit type or fully qualified'));
}

function validateNames(item: LimitRangeItem, path: string, report: Report): void {
  const { type } = item;
  const checkName = type === 'Pod' || type === 'Container' ? checkContainerResourceName : checkResourceName;
  const check = (field: string, list: ResourceList = {}): void => {
    for (const name of Object.keys(list).toSorted()) checkName(report, `${path}.${field}[${name}]`, name);
  };
  check('max', item.max);
  check('min', item.min);
  if (type === 'Pod') {
    const elsewhere = "may not be specified when `type` is 'Pod'";
    if (Object.keys(item.default ?? {}).length > 0) report(forbidden(`${path}.default`, elsewhere));
    if (Object.keys(item.defaultRequest ?? {}).length > 0) report(forbidden(`${path}.defaultRequest`, elsewhere));
  } else {
    check('default', item.default);
    check('defaultRequest', item.defaultRequest);
  }
  if (type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined && item.max?.['storage'] === undefined) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided';
    report(required(`${path}.limits`, detail));
  }
  check('maxLimitRequestRatio', item.maxLimitRequestRatio);
}

function validateValues(item: LimitRangeItem, name: string, path: string, report: Report): void {
  const min = item.min?.[name];
  const max = item.max?.[name];
  const limit = item.type === 'Pod' ? undefined : item.default?.[name];
  const request = item.type === 'Pod' ? undefined : item.defaultRequest?.[name];
  const at = (field: string): string => `${path}.${field}[${name}]`;
  const check = (field: string, shown: string | undefined, low: Bound, high: Bound): void => {
    if (low.value === undefined || high.value === undefined || !isGreater(low.value, high.value)) return;
    const detail = `${low.name} value ${low.value} is greater than ${high.name} value ${high.value}`;
    report(invalid(at(field), shown, detail));
  };
  check('min', min, { name: 'min', value: min }, { name: 'max', value: max });
  check('defaultRequest', request, { name: 'min', value: min }, { name: 'default request', value: request });
  check('defaultRequest', request, { name: 'default request', value: request }, { name: 'max', value: max });
  check(
    'defaultRequest',
    request,
    { name: 'default request', value: request },
    { name: 'default limit', value: limit },
  );
  check('default', min, { name: 'min', value: min }, { name: 'default', value: limit });
  check('default', max, { name: 'default', value: limit }, { name: 'max', value: max });
  validateRatio(item, name, at('maxLimitRequestRatio'), report);
  if (isOvercommitAllowed(name) || limit === undefined || request === undefined) return;
  if (compareQuantity(quantityFrom(limit), quantityFrom(request)) !== 0) {
    const detail = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
    report(invalid(at('defaultRequest'), request, detail));
  }
}

interface Bound {
  readonly name: string;
  readonly value: string | undefined;
}

function validateRatio(item: LimitRangeItem, name: string, path: string, report: Report): void {
  const ratio = item.maxLimitRequestRatio?.[name];
  if (ratio === undefined) return;
  if (compareQuantity(quantityFrom(ratio), quantityOf(1)) < 0) {
    report(invalid(path, ratio, `ratio ${ratio} is less than 1`));
  }
  const min = item.min?.[name];
  const max = item.max?.[name];
  if (min === undefined || max === undefined) return;
  const bound = quantityMilliValue(max) / quantityMilliValue(min);
  if (quantityMilliValue(ratio) / 1_000 > bound) {
    report(invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${bound.toFixed(6)}`));
  }
}

const isGreater = (left: string, right: string): boolean =>
  compareQuantity(quantityFrom(left), quantityFrom(right)) > 0;
