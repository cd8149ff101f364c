/** Mirrors `ValidateResourceClaimStatusUpdate`. */
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  ResourceClaim,
} from '../../machinery/api/resource-v1.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { checkDnsLabel } from '../pod-spec/checks.js';
import { internalForm } from '../pod-spec/internal-form.js';
import { checkImmutable } from '../shared/immutable.js';
import { checkDriverName } from '../storage-spec/driver-name.js';
import {
  checkConfiguration,
  checkRequestName,
  checkRequestNames,
  requestNamesOf,
  type RequestNames,
} from './claim-rules.js';
import { checkDeviceReport, checkDeviceStatus } from './device-status-rules.js';
import { checkList, checkSet } from './lists.js';
import { checkPoolName } from './names.js';

const RESERVATIONS_MAX = 256;
const RESULTS_MAX = 32;
const CONFIGURATIONS_MAX = 64;
const SOURCES = ['FromClaim', 'FromClass'];

export function checkClaimStatus(claim: ResourceClaim, old: ResourceClaim, report: Report): void {
  const { allocation, reservedFor = [], devices } = claim.status ?? {};
  const names = requestNamesOf(claim.spec.devices ?? {});
  checkSet(
    report,
    'status.reservedFor',
    { list: reservedFor, countMax: RESERVATIONS_MAX, keyOf: ({ uid }) => uid },
    ({ resource, name, uid }, at) => {
      if (resource === '') report(required(`${at}.resource`));
      if (name === '') report(required(`${at}.name`));
      if (uid === '') report(required(`${at}.uid`));
    },
  );
  const allocated = new Set((allocation?.devices?.results ?? []).map(deviceId));
  checkSet(
    report,
    'status.devices',
    { list: devices, countMax: Number.MAX_SAFE_INTEGER, keyOf: deviceId },
    (device: AllocatedDeviceStatus, at) => {
      checkDeviceStatus(report, at, device);
      if (!allocated.has(deviceId(device))) {
        report(invalid(at, internalId(device), 'must be an allocated device in the claim'));
      }
      checkDeviceReport(report, at, device);
    },
  );
  checkReservations(claim, old, report);
  const before = old.status?.allocation;
  if (allocation === undefined) return;
  if (before === undefined) checkAllocation(report, 'status.allocation', allocation, names);
  else checkImmutable(report, 'status.allocation', [allocation, before], internalForm('AllocationResult', allocation));
}

interface DeviceReference {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
}

const deviceId = ({ driver, pool, device }: DeviceReference): string => `${driver}/${pool}/${device}`;

const internalId = ({ driver, pool, device }: DeviceReference): object => ({
  Driver: driver,
  Pool: pool,
  Device: device,
  ShareID: '',
});

function checkReservations({ metadata, status }: ResourceClaim, old: ResourceClaim, report: Report): void {
  const reservations = status?.reservedFor ?? [];
  if (reservations.length === 0) return;
  const path = 'status.reservedFor';
  if (status?.allocation === undefined) {
    report(forbidden(path, 'may not be specified when `allocated` is not set'));
    return;
  }
  if (metadata.deletionTimestamp === undefined) return;
  const before = new Set((old.status?.reservedFor ?? []).map(({ uid }) => uid));
  if (reservations.every(({ uid }) => before.has(uid))) return;
  const detail = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
  report(forbidden(path, detail));
}

function checkAllocation(report: Report, path: string, { devices }: AllocationResult, names: RequestNames): void {
  const { results, config } = devices ?? {};
  checkList(report, `${path}.devices.results`, { list: results, countMax: RESULTS_MAX }, (result, at) =>
    checkResult(report, at, result, names),
  );
  checkList(report, `${path}.devices.config`, { list: config, countMax: CONFIGURATIONS_MAX }, (each, at) =>
    checkAllocatedConfiguration(report, at, each, names),
  );
}

function checkResult(report: Report, path: string, result: DeviceRequestAllocationResult, names: RequestNames): void {
  checkRequestName(report, `${path}.request`, result.request, names);
  checkDriverName(report, `${path}.driver`, result.driver);
  checkPoolName(report, `${path}.pool`, result.pool);
  checkDnsLabel(report, `${path}.device`, result.device);
}

function checkAllocatedConfiguration(
  report: Report,
  path: string,
  config: DeviceAllocationConfiguration,
  names: RequestNames,
): void {
  if (config.source === '') report(required(`${path}.source`));
  else if (!SOURCES.includes(config.source)) report(notSupported(`${path}.source`, config.source, SOURCES));
  checkRequestNames(report, `${path}.requests`, config.requests, names);
  checkConfiguration(report, path, config);
}
