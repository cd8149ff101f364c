import type {
  DownwardAPIVolumeFile,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  Volume,
} from '../../machinery/api/core-v1.js';
import type { Draft } from '../../machinery/object.js';
import { isEmpty } from './checks.js';
import { defaultFieldRef } from './field-references.js';
import { imageTag } from './image-reference.js';
import { roundResources } from './resource-lists.js';

const FILE_MODE = 0o644;
const TOKEN_SECONDS = 3_600;

export function defaultVolume(volume: Draft<Volume>): void {
  if (!hasSource(volume)) volume.emptyDir = {};
  if (volume.image !== undefined && isEmpty(volume.image.pullPolicy)) {
    volume.image.pullPolicy = imageTag(volume.image.reference ?? '') === 'latest' ? 'Always' : 'IfNotPresent';
  }
  if (volume.hostPath !== undefined) volume.hostPath.type ??= '';
  if (volume.secret !== undefined) volume.secret.defaultMode ??= FILE_MODE;
  if (volume.configMap !== undefined) volume.configMap.defaultMode ??= FILE_MODE;
  if (volume.downwardAPI !== undefined) {
    volume.downwardAPI.defaultMode ??= FILE_MODE;
    defaultFiles(volume.downwardAPI.items);
  }
  if (volume.projected !== undefined) defaultProjected(volume.projected);
  if (volume.ephemeral?.volumeClaimTemplate !== undefined) defaultClaimSpec(volume.ephemeral.volumeClaimTemplate.spec);
  defaultLegacySource(volume);
}

export function defaultClaimSpec(spec: Draft<PersistentVolumeClaimSpec>): void {
  spec.volumeMode ??= 'Filesystem';
  roundResources(spec.resources?.limits);
  roundResources(spec.resources?.requests);
}

function hasSource(volume: Draft<Volume>): boolean {
  for (const key in volume) if (key !== 'name' && volume[key as keyof Volume] !== undefined) return true;
  return false;
}

function defaultProjected(projected: NonNullable<Draft<Volume>['projected']>): void {
  projected.defaultMode ??= FILE_MODE;
  for (const { downwardAPI, serviceAccountToken } of projected.sources ?? []) {
    defaultFiles(downwardAPI?.items);
    if (serviceAccountToken !== undefined) serviceAccountToken.expirationSeconds ??= TOKEN_SECONDS;
  }
}

function defaultFiles(files: Draft<DownwardAPIVolumeFile>[] | undefined): void {
  for (const { fieldRef } of files ?? []) defaultFieldRef(fieldRef);
}

/** What the sources of volumes and of persistent volumes have in common. */
type LegacySources = Pick<PersistentVolumeSpec, 'azureDisk'> & {
  readonly iscsi?: Pick<NonNullable<Volume['iscsi']>, 'iscsiInterface'>;
  readonly rbd?: Pick<NonNullable<Volume['rbd']>, 'pool' | 'user' | 'keyring'>;
  readonly scaleIO?: Pick<NonNullable<Volume['scaleIO']>, 'storageMode' | 'fsType'>;
};

/** Drivers that have left the tree keep their defaults. */
export function defaultLegacySource({ iscsi, rbd, azureDisk, scaleIO }: Draft<LegacySources>): void {
  if (iscsi !== undefined && isEmpty(iscsi.iscsiInterface)) iscsi.iscsiInterface = 'default';
  if (rbd !== undefined) {
    if (isEmpty(rbd.pool)) rbd.pool = 'rbd';
    if (isEmpty(rbd.user)) rbd.user = 'admin';
    if (isEmpty(rbd.keyring)) rbd.keyring = '/etc/ceph/keyring';
  }
  if (azureDisk !== undefined) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
    azureDisk.kind ??= 'Shared';
  }
  if (scaleIO !== undefined) {
    if (isEmpty(scaleIO.storageMode)) scaleIO.storageMode = 'ThinProvisioned';
    if (isEmpty(scaleIO.fsType)) scaleIO.fsType = 'xfs';
  }
}
