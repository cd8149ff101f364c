/** Mirrors `validateDeviceClaim` and the rules of device classes. */
import type { Namespace } from '../../machinery/api/core-v1.js';
import type {
  DeviceClaim,
  DeviceClass,
  DeviceConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  ExactDeviceRequest,
  OpaqueDeviceConfiguration,
} from '../../machinery/api/resource-v1.js';
import { forbidden, invalid, notSupported, required, tooLong } from '../../machinery/field-error.js';
import { byteLength } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { checkDnsLabel, checkDnsSubdomain } from '../pod-spec/checks.js';
import { checkDriverName } from '../storage-spec/driver-name.js';
import { checkSelector } from './selector-rules.js';
import { checkList, checkSet } from './lists.js';
import { checkFullyQualifiedIdentifier } from './names.js';

const ITEMS_MAX = 32;
const SUB_REQUESTS_MAX = 8;
export const RAW_BYTES_MAX = 10 * 1_024;
const ADMIN_LABEL = 'resource.kubernetes.io/admin-access';
const NO_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** By the name of a request, those of its alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

export const requestNamesOf = ({ requests }: DeviceClaim): RequestNames =>
  new Map(
    (requests ?? []).map(({ name, firstAvailable = [] }) => [name, new Set(firstAvailable.map((each) => each.name))]),
  );

/** Devices that others use may be had only in namespaces that say so. */
export function checkAdminAccess(report: Report, path: string, claim: DeviceClaim, namespace?: Namespace): void {
  if (namespace?.metadata.labels?.[ADMIN_LABEL] === 'true') return;
  const index = (claim.requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true);
  if (index < 0) return;
  const detail = `admin access to devices requires the \`${ADMIN_LABEL}: true\` label on the containing namespace`;
  report(forbidden(`${path}.requests[${index}].adminAccess`, detail));
}

export function checkDeviceClaim(report: Report, path: string, claim: DeviceClaim): void {
  const names = requestNamesOf(claim);
  checkSet(
    report,
    `${path}.requests`,
    { list: claim.requests, countMax: ITEMS_MAX, keyOf: ({ name }) => name },
    (request, at) => checkRequest(report, at, request),
  );
  checkList(report, `${path}.constraints`, { list: claim.constraints, countMax: ITEMS_MAX }, (constraint, at) =>
    checkConstraint(report, at, constraint, names),
  );
  checkList(report, `${path}.config`, { list: claim.config, countMax: ITEMS_MAX }, (config, at) => {
    checkRequestNames(report, `${at}.requests`, config.requests, names);
    checkConfiguration(report, at, config);
  });
}

function checkRequest(report: Report, path: string, request: DeviceRequest): void {
  const { name, exactly, firstAvailable = [] } = request;
  checkDnsLabel(report, `${path}.name`, name);
  const rule = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly === undefined && firstAvailable.length === 0) report(required(path, rule));
  else if (exactly !== undefined && firstAvailable.length > 0) {
    report(invalid(path, null, `${rule}, but multiple fields are set`));
  } else if (exactly !== undefined) {
    checkDevices(report, `${path}.exactly`, exactly);
  } else {
    checkSet(
      report,
      `${path}.firstAvailable`,
      { list: firstAvailable, countMax: SUB_REQUESTS_MAX, keyOf: (each) => each.name },
      (each, at) => {
        checkDnsLabel(report, `${at}.name`, each.name);
        checkDevices(report, at, each);
      },
    );
  }
}

function checkDevices(report: Report, path: string, request: ExactDeviceRequest | DeviceSubRequest): void {
  const { deviceClassName, selectors, allocationMode = '', count = 0 } = request;
  if (deviceClassName === '') report(required(`${path}.deviceClassName`));
  else checkDnsSubdomain(report, `${path}.deviceClassName`, deviceClassName);
  checkSelectors(report, `${path}.selectors`, selectors);
  if (allocationMode === 'All') {
    if (count !== 0) report(invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) report(invalid(`${path}.count`, count, 'must be greater than zero'));
  } else {
    report(notSupported(`${path}.allocationMode`, allocationMode, ['All', 'ExactCount']));
  }
}

function checkSelectors(report: Report, path: string, selectors: readonly DeviceSelector[] | undefined): void {
  checkList(report, path, { list: selectors, countMax: ITEMS_MAX }, (selector, at) =>
    checkSelector(selector, at, report),
  );
}

function checkConstraint(report: Report, path: string, constraint: DeviceConstraint, names: RequestNames): void {
  checkRequestNames(report, `${path}.requests`, constraint.requests, names);
  const { matchAttribute } = constraint;
  if (matchAttribute === undefined) report(required(`${path}.matchAttribute`));
  else checkFullyQualifiedIdentifier(report, `${path}.matchAttribute`, matchAttribute);
}

export function checkRequestNames(
  report: Report,
  path: string,
  list: readonly string[] | undefined,
  names: RequestNames,
): void {
  checkSet(report, path, { list, countMax: ITEMS_MAX, keyOf: (name) => name }, (name, at) =>
    checkRequestName(report, at, name, names),
  );
}

export function checkRequestName(report: Report, path: string, name: string, names: RequestNames): void {
  const [first = '', second, ...more] = name.split('/');
  if (more.length > 0) return report(invalid(path, name, NO_REQUEST));
  checkDnsLabel(report, path, first);
  if (second !== undefined) checkDnsLabel(report, path, second);
  const alternatives = names.get(first);
  const isKnown = alternatives !== undefined && (second === undefined || alternatives.has(second));
  if (!isKnown) report(invalid(path, name, NO_REQUEST));
}

export function checkConfiguration(report: Report, path: string, { opaque }: DeviceConfiguration): void {
  if (opaque === undefined) report(required(`${path}.opaque`));
  else checkOpaque(report, `${path}.opaque`, opaque);
}

function checkOpaque(report: Report, path: string, { driver, parameters }: OpaqueDeviceConfiguration): void {
  checkDriverName(report, `${path}.driver`, driver);
  checkRawObject(report, `${path}.parameters`, parameters);
}

/** Any JSON object of a bounded size. */
export function checkRawObject(report: Report, path: string, value: unknown): void {
  if (value === undefined || value === null) report(required(path));
  else if (byteLength(JSON.stringify(value)) > RAW_BYTES_MAX) report(tooLong(path, RAW_BYTES_MAX));
  else if (typeof value !== 'object' || Array.isArray(value)) {
    report(invalid(path, '<value omitted>', 'must be a valid JSON object'));
  }
}

export function checkDeviceClass({ spec }: DeviceClass, report: Report): void {
  checkSelectors(report, 'spec.selectors', spec.selectors);
  checkList(report, 'spec.config', { list: spec.config, countMax: ITEMS_MAX }, (config, at) =>
    checkConfiguration(report, at, config),
  );
}
