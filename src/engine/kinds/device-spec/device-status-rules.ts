/** What a driver may say of an allocated device. Mirrors `validateDeviceStatus`. */
import type { Condition } from '../../machinery/api/meta-v1.js';
import type { AllocatedDeviceStatus, NetworkDeviceData } from '../../machinery/api/resource-v1.js';
import { duplicate, invalid, notSupported, required, tooLong, tooMany } from '../../machinery/field-error.js';
import { byteLength, goQuote } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { checkDnsLabel, checkQualifiedName, isEmpty } from '../pod-spec/checks.js';
import { formatAddress } from '../pod-spec/ip-address.js';
import { parseCidr } from '../shared/addresses.js';
import { checkDriverName } from '../storage-spec/driver-name.js';
import { checkRawObject } from './claim-rules.js';
import { checkSet } from './lists.js';
import { checkPoolName } from './names.js';

const CONDITIONS_MAX = 8;
const REASON_BYTES_MAX = 1_024;
const MESSAGE_BYTES_MAX = 32 * 1_024;
const ADDRESSES_MAX = 16;
const INTERFACE_NAME_BYTES_MAX = 256;
const HARDWARE_ADDRESS_BYTES_MAX = 128;
const STATUSES: readonly string[] = ['False', 'True', 'Unknown'];
const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const REASON_PATTERN = new RegExp(`^${REASON}$`);
const REASON_RULE =
  'a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters ' +
  "or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or " +
  `'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${REASON}')`;
const ADDRESS_RULE = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';

export function checkDeviceStatus(report: Report, path: string, device: AllocatedDeviceStatus): void {
  checkDriverName(report, `${path}.driver`, device.driver);
  checkPoolName(report, `${path}.pool`, device.pool);
  checkDnsLabel(report, `${path}.device`, device.device);
}

/** The rest, which upstream checks after the device has been found among the allocated ones. */
export function checkDeviceReport(report: Report, path: string, device: AllocatedDeviceStatus): void {
  const { data, networkData } = device;
  const conditions = device.conditions ?? [];
  if (conditions.length > CONDITIONS_MAX) {
    report(tooMany(`${path}.conditions`, conditions.length, CONDITIONS_MAX));
  }
  const types = new Set<string>();
  for (const [index, condition] of conditions.entries()) {
    const at = `${path}.conditions[${index}]`;
    if (types.has(condition.type)) report(duplicate(`${at}.type`, condition.type));
    types.add(condition.type);
    checkCondition(report, at, condition);
  }
  if (data !== undefined) checkRawObject(report, `${path}.data`, data);
  if (networkData !== undefined) checkNetworkData(report, `${path}.networkData`, networkData);
}

function checkCondition(report: Report, path: string, condition: Condition): void {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason, message } = condition;
  checkQualifiedName(report, `${path}.type`, type);
  if (!STATUSES.includes(status)) report(notSupported(`${path}.status`, status, STATUSES));
  if (observedGeneration < 0) {
    report(invalid(`${path}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero'));
  }
  if (isEmpty(lastTransitionTime ?? undefined)) report(required(`${path}.lastTransitionTime`));
  if (isEmpty(reason)) report(required(`${path}.reason`));
  else {
    if (!REASON_PATTERN.test(reason)) report(invalid(`${path}.reason`, reason, REASON_RULE));
    if (byteLength(reason) > REASON_BYTES_MAX) report(tooLong(`${path}.reason`, REASON_BYTES_MAX));
  }
  if (byteLength(message) > MESSAGE_BYTES_MAX) report(tooLong(`${path}.message`, MESSAGE_BYTES_MAX));
}

function checkNetworkData(report: Report, path: string, data: NetworkDeviceData): void {
  const { interfaceName = '', hardwareAddress = '', ips } = data;
  if (byteLength(interfaceName) > INTERFACE_NAME_BYTES_MAX) {
    report(tooLong(`${path}.interfaceName`, INTERFACE_NAME_BYTES_MAX));
  }
  if (byteLength(hardwareAddress) > HARDWARE_ADDRESS_BYTES_MAX) {
    report(tooLong(`${path}.hardwareAddress`, HARDWARE_ADDRESS_BYTES_MAX));
  }
  checkSet(report, `${path}.ips`, { list: ips, countMax: ADDRESSES_MAX, keyOf: (each) => each }, (address, at) => {
    const cidr = parseCidr(address);
    if (cidr === undefined) return report(invalid(at, address, ADDRESS_RULE));
    const canonical = `${formatAddress(cidr.address)}/${cidr.prefixLength}`;
    if (canonical !== address) report(invalid(at, address, `must be in canonical form (${goQuote(canonical)})`));
  });
}
