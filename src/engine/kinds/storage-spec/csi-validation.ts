/** Mirrors the rules of CSIDriver, CSINode and CSIStorageCapacity. */
import type {
  CSIDriver,
  CSINode,
  CSINodeDriver,
  CSIStorageCapacity,
  TokenRequest,
} from '../../machinery/api/storage-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { duplicate, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123SubdomainFaults } from '../../machinery/names.js';
import { compareQuantity, quantityOf } from '../../machinery/quantity.js';
import { checkLabelSelector, checkNonNegative, checkQualifiedName, reportFaults } from '../pod-spec/checks.js';
import { quantityFrom } from '../pod-spec/resource-lists.js';
import { IMMUTABLE, checkImmutable } from '../shared/immutable.js';
import { checkDriverName } from './driver-name.js';

const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;
const UPDATE_PERIOD_SECONDS_MIN = 10;
const NODE_ID_LENGTH_MAX = 256;
const GROUP_POLICIES: readonly string[] = ['File', 'None', 'ReadWriteOnceWithFSType'];
const LIFECYCLE_MODES: readonly string[] = ['Persistent', 'Ephemeral'];

export function validateDriver({ spec }: CSIDriver, report: Report): void {
  if (spec.attachRequired === undefined) report(required('spec.attachedRequired'));
  if (spec.podInfoOnMount === undefined) report(required('spec.podInfoOnMount'));
  if (spec.storageCapacity === undefined) report(required('spec.storageCapacity'));
  if (spec.fsGroupPolicy !== undefined && !GROUP_POLICIES.includes(spec.fsGroupPolicy)) {
    report(notSupported('spec.fsGroupPolicy', spec.fsGroupPolicy, GROUP_POLICIES));
  }
  validateTokens(spec.tokenRequests ?? [], report);
  for (const mode of spec.volumeLifecycleModes ?? []) {
    if (!LIFECYCLE_MODES.includes(mode)) report(notSupported('spec.volumeLifecycleModes', mode, LIFECYCLE_MODES));
  }
  if (spec.seLinuxMount === undefined) report(required('spec.seLinuxMount'));
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < UPDATE_PERIOD_SECONDS_MIN) {
    const detail = `must be greater than or equal to ${UPDATE_PERIOD_SECONDS_MIN} seconds`;
    report(invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, detail));
  }
  if (spec.serviceAccountTokenInSecrets !== undefined && (spec.tokenRequests ?? []).length === 0) {
    const detail = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
    report(invalid('spec.serviceAccountTokenInSecrets', spec.serviceAccountTokenInSecrets, detail));
  }
}

export function validateDriverUpdate(object: CSIDriver, old: CSIDriver, report: Report): void {
  validateDriver(object, report);
  checkImmutable(report, 'spec.attachedRequired', [object.spec.attachRequired, old.spec.attachRequired]);
  checkImmutable(report, 'spec.volumeLifecycleModes', [
    object.spec.volumeLifecycleModes,
    old.spec.volumeLifecycleModes,
  ]);
}

function validateTokens(requests: readonly TokenRequest[], report: Report): void {
  const audiences = new Set<string>();
  for (const [index, { audience, expirationSeconds: seconds }] of requests.entries()) {
    const path = `spec.tokenRequests[${index}]`;
    if (audiences.has(audience)) {
      report(duplicate(`${path}.audience`, audience));
      continue;
    }
    audiences.add(audience);
    if (seconds === undefined) continue;
    if (seconds < TOKEN_SECONDS_MIN) {
      report(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
    }
    if (seconds > TOKEN_SECONDS_MAX) {
      report(invalid(`${path}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'));
    }
  }
}

export function validateNodeDrivers({ spec }: CSINode, report: Report): void {
  const names = new Set<string>();
  for (const [index, driver] of (spec.drivers ?? []).entries()) {
    validateNodeDriver(driver, `spec.drivers[${index}]`, names, report);
  }
}

export function validateNodeDriversUpdate(object: CSINode, old: CSINode, report: Report): void {
  validateNodeDrivers(object, report);
  for (const before of old.spec.drivers ?? []) {
    for (const driver of object.spec.drivers ?? []) {
      if (driver.name !== before.name) continue;
      if (deepEqual(withoutCount(driver), withoutCount(before))) continue;
      // Upstream prints its internal form.
      const { name, nodeID, topologyKeys } = driver;
      const printed = { Name: name, NodeID: nodeID, TopologyKeys: topologyKeys ?? null, Allocatable: null };
      report(invalid('spec.drivers', printed, IMMUTABLE));
    }
  }
}

/** How many volumes a node takes may change. */
const withoutCount = ({ name, nodeID, topologyKeys }: CSINodeDriver) => ({
  name,
  nodeID,
  topologyKeys: topologyKeys ?? [],
});

function validateNodeDriver(driver: CSINodeDriver, path: string, names: Set<string>, report: Report): void {
  const { name, nodeID, allocatable, topologyKeys } = driver;
  checkDriverName(report, `${path}.name`, name);
  if (nodeID === '') report(required(`${path}.nodeID`));
  if (nodeID.length > NODE_ID_LENGTH_MAX) {
    report(invalid(`${path}.nodeID`, nodeID, `must be ${NODE_ID_LENGTH_MAX} characters or less`));
  }
  checkNonNegative(report, `${path}.allocatable.count`, allocatable?.count);
  if (names.has(name)) report(duplicate(`${path}.name`, name));
  names.add(name);
  const keys = new Set<string>();
  for (const key of topologyKeys ?? []) {
    if (key === '') report(required(path));
    if (keys.has(key)) report(duplicate(path, key));
    keys.add(key);
    checkQualifiedName(report, path, key);
  }
}

export function validateStorageCapacity(object: CSIStorageCapacity, report: Report): void {
  checkLabelSelector(report, 'nodeTopology', object.nodeTopology);
  reportFaults(report, 'storageClassName', object.storageClassName, dns1123SubdomainFaults(object.storageClassName));
  if (object.capacity !== undefined && compareQuantity(quantityFrom(object.capacity), quantityOf(0)) < 0) {
    report(invalid('capacity', object.capacity, 'must be greater than or equal to 0'));
  }
}

export function validateStorageCapacityUpdate(
  object: CSIStorageCapacity,
  old: CSIStorageCapacity,
  report: Report,
): void {
  if (!deepEqual(object.nodeTopology, old.nodeTopology)) {
    report(invalid('nodeTopology', object.nodeTopology, IMMUTABLE));
  }
  if (object.storageClassName !== old.storageClassName) {
    report(invalid('storageClassName', object.storageClassName, IMMUTABLE));
  }
}
