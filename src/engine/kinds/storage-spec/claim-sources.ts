import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../machinery/api/core-v1.js';
import type { Draft } from '../../machinery/object.js';

/**
 * Keeps `dataSource` and `dataSourceRef` saying the same. A new claim's old field names only what it always could: another
 * claim or a snapshot; anything else is dropped in silence.
 */
export function alignDataSources(draft: Draft<PersistentVolumeClaim>, old: PersistentVolumeClaim | undefined): void {
  const { spec } = draft;
  // Sources in other namespaces are an alpha feature.
  if ((spec.dataSourceRef?.namespace ?? '') !== '' && old?.spec.dataSourceRef === undefined) delete spec.dataSourceRef;
  const hadSource = old?.spec.dataSource !== undefined || old?.spec.dataSourceRef !== undefined;
  if (!hadSource && spec.dataSourceRef === undefined && !isLegacySource(spec)) delete spec.dataSource;
  if (spec.dataSource !== undefined)
    spec.dataSourceRef ??= { ...spec.dataSource, apiGroup: spec.dataSource.apiGroup ?? null };
  else if (spec.dataSourceRef !== undefined && (spec.dataSourceRef.namespace ?? '') === '') {
    const { apiGroup, kind, name } = spec.dataSourceRef;
    spec.dataSource = { apiGroup: apiGroup ?? null, kind, name };
  }
}

function isLegacySource({ dataSource }: PersistentVolumeClaimSpec): boolean {
  const { apiGroup, kind } = dataSource ?? {};
  if (kind === 'PersistentVolumeClaim') return (apiGroup ?? '') === '';
  return kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io';
}
