import type { Container, Volume, VolumeDevice, VolumeMount } from '../../machinery/api/core-v1.js';
import { forbidden, invalid, notFound, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { isEmpty } from './checks.js';
import { checkDescendingPath, hasBackstep } from './paths.js';

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE_READ_ONLY = ['Disabled', 'Enabled', 'IfPossible'];

type Volumes = ReadonlyMap<string, Volume>;

export function checkMounts(report: Report, path: string, container: Container, volumes: Volumes): void {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const places = new Set<string>();
  for (const [index, mount] of volumeMounts.entries()) {
    const at = `${path}[${index}]`;
    const { name, mountPath } = mount;
    if (isEmpty(name)) report(required(`${at}.name`));
    if (!volumes.has(name)) report(notFound(`${at}.name`, name));
    if (isEmpty(mountPath)) report(required(`${at}.mountPath`));
    if (places.has(mountPath)) report(invalid(`${at}.mountPath`, mountPath, 'must be unique'));
    places.add(mountPath);
    if (volumeDevices.some((each) => each.name === name)) {
      report(invalid(`${at}.name`, name, 'must not already exist in volumeDevices'));
    }
    if (volumeDevices.some((each) => each.devicePath === mountPath)) {
      report(invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    }
    checkMountOptions(report, path, at, mount);
    checkPropagation(report, `${path}.mountPropagation`, mount, container);
    checkRecursiveReadOnly(report, `${path}.recursiveReadOnly`, mount);
  }
}

/** Upstream gives these the list's path, without the index, except for the one that is about both fields. */
function checkMountOptions(report: Report, path: string, at: string, { subPath, subPathExpr }: VolumeMount): void {
  if (!isEmpty(subPath)) checkDescendingPath(report, `${path}.subPath`, subPath);
  if (isEmpty(subPathExpr)) return;
  if (!isEmpty(subPath)) {
    report(invalid(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
  }
  checkDescendingPath(report, `${path}.subPathExpr`, subPathExpr);
}

function checkPropagation(
  report: Report,
  path: string,
  { mountPropagation }: VolumeMount,
  { securityContext }: Container,
): void {
  if (mountPropagation === undefined) return;
  if (!PROPAGATIONS.includes(mountPropagation)) report(notSupported(path, mountPropagation, PROPAGATIONS));
  if (mountPropagation === 'Bidirectional' && securityContext?.privileged !== true) {
    report(forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'));
  }
}

function checkRecursiveReadOnly(report: Report, path: string, mount: VolumeMount): void {
  const { recursiveReadOnly, readOnly, mountPropagation } = mount;
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return;
  if (!RECURSIVE_READ_ONLY.includes(recursiveReadOnly)) {
    return report(notSupported(path, recursiveReadOnly, RECURSIVE_READ_ONLY));
  }
  if (readOnly !== true) report(forbidden(path, 'may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    report(forbidden(path, 'may only be specified when mountPropagation is None or not specified'));
  }
}

export function checkDevices(report: Report, path: string, container: Container, volumes: Volumes): void {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const [places, names] = [new Set<string>(), new Set<string>()];
  for (const [index, { name, devicePath }] of volumeDevices.entries()) {
    const at = `${path}[${index}]`;
    if (isEmpty(name)) report(required(`${at}.name`));
    if (names.has(name)) report(invalid(`${at}.name`, name, 'must be unique'));
    checkDeviceVolume(report, `${at}.name`, name, volumes.get(name));
    if (isEmpty(devicePath)) report(required(`${at}.devicePath`));
    if (places.has(devicePath)) report(invalid(`${at}.devicePath`, devicePath, 'must be unique'));
    if (hasBackstep(devicePath)) report(invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    else places.add(devicePath);
    if (volumeMounts.some((each) => each.name === name)) {
      report(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'));
    }
    if (volumeMounts.some((each) => each.mountPath === devicePath)) {
      report(invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    }
    if (!isEmpty(name)) names.add(name);
  }
}

function checkDeviceVolume(report: Report, path: string, name: VolumeDevice['name'], volume: Volume | undefined): void {
  if (volume === undefined) report(notFound(path, name));
  else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
    const types = 'PersistentVolumeClaim or Ephemeral';
    report(invalid(path, name, `can only use volume source type of ${types} for block mode`));
  }
}
