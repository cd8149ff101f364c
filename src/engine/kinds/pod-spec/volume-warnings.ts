import type { Volume, VolumeProjection } from '../../machinery/api/core-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import { fractionWarning, isFraction } from './fraction-warning.js';

/** By the field that names the driver, with its name in Go. */
const GONE: ReadonlyMap<string, { readonly field: string; readonly message: string }> = new Map([
  ['photonPersistentDisk', { field: 'photonPersistentDisk', message: 'deprecated in v1.11, non-functional in v1.16+' }],
  ['gitRepo', { field: 'gitRepo', message: 'deprecated in v1.11, and disabled by default in v1.33+' }],
  ['scaleIO', { field: 'scaleIO', message: 'deprecated in v1.16, non-functional in v1.22+' }],
  ['flocker', { field: 'flocker', message: 'deprecated in v1.22, non-functional in v1.25+' }],
  ['storageos', { field: 'storageOS', message: 'deprecated in v1.22, non-functional in v1.25+' }],
  ['quobyte', { field: 'quobyte', message: 'deprecated in v1.22, non-functional in v1.25+' }],
  ['glusterfs', { field: 'glusterfs', message: 'deprecated in v1.25, non-functional in v1.26+' }],
  ['cephfs', { field: 'cephfs', message: 'deprecated in v1.28, non-functional in v1.31+' }],
  ['rbd', { field: 'rbd', message: 'deprecated in v1.28, non-functional in v1.31+' }],
]);

/** Drivers that have left, and files of one volume that would overwrite each other. */
export function volumeWarnings(path: string, volumes: readonly Volume[]): readonly string[] {
  const warnings: string[] = [];
  for (const [index, volume] of volumes.entries()) {
    const at = `${path}[${index}]`;
    for (const key in volume) {
      const gone = GONE.get(key);
      if (gone !== undefined) warnings.push(`${at}.${gone.field}: ${gone.message}`);
    }
    const resources = volume.ephemeral?.volumeClaimTemplate?.spec.resources;
    for (const kind of ['requests', 'limits'] as const) {
      const amount = resources?.[kind]?.['storage'];
      if (!isFraction(amount)) continue;
      warnings.push(fractionWarning(`${at}.ephemeral.volumeClaimTemplate.spec.resources.${kind}[storage]`, amount));
    }
  }
  for (const volume of volumes) if (hasPlaces(volume)) warnings.push(...overlapWarnings(volume));
  return warnings;
}

const hasPlaces = ({ configMap, secret, downwardAPI, projected }: Volume): boolean =>
  configMap?.items !== undefined ||
  secret?.items !== undefined ||
  downwardAPI?.items !== undefined ||
  projected !== undefined;

interface Place {
  readonly path: string;
  readonly source: string;
}

function overlapWarnings({ name, configMap, secret, downwardAPI, projected }: Volume): readonly string[] {
  const warnings: string[] = [];
  const warn = (what: string, places: readonly Place[]): void => {
    for (const overlap of overlaps(places)) {
      warnings.push(`volume ${goQuote(name)} (${what}): overlapping paths: ${overlap}`);
    }
  };
  if (configMap?.items !== undefined) {
    warn(`ConfigMap ${goQuote(configMap.name ?? '')}`, placesOf(configMap.items));
  }
  if (secret?.items !== undefined) warn(`Secret ${goQuote(secret.secretName ?? '')}`, placesOf(secret.items));
  warn('DownwardAPI', placesOf(downwardAPI?.items));
  const places: Place[] = [];
  for (const source of projected?.sources ?? []) {
    if (Object.keys(source).length === 0) {
      warnings.push(`volume ${goQuote(name)} (Projected) has no sources provided`);
    } else places.push(...projectedPlaces(source));
  }
  warn('Projected', places);
  return warnings;
}

function projectedPlaces({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): readonly Place[] {
  if (configMap?.items !== undefined) return placesOf(configMap.items, `ConfigMap ${goQuote(configMap.name ?? '')}`);
  if (secret?.items !== undefined) return placesOf(secret.items, `Secret ${goQuote(secret.name ?? '')}`);
  if (downwardAPI?.items !== undefined) return placesOf(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken === undefined ? [] : placesOf([serviceAccountToken], 'ServiceAccountToken');
}

const placesOf = (items: readonly { readonly path: string }[] | undefined, source = ''): readonly Place[] =>
  (items ?? []).map(({ path }) => ({ path: path.endsWith('/') ? path.replace(/\/+$/, '') : path, source }));

/** Pairs of which one is the other, or lies below it: the later one first. */
function overlaps(places: readonly Place[]): readonly string[] {
  const found: string[] = [];
  for (const [index, place] of places.entries()) {
    if (place.path === '') continue;
    for (const earlier of places.slice(0, index)) {
      if (earlier.path === '') continue;
      if (isAtOrBelow(place.path, earlier.path) || isAtOrBelow(earlier.path, place.path))
        found.push(`${placeText(place)} with ${placeText(earlier)}`);
    }
  }
  return found;
}

const isAtOrBelow = (path: string, other: string): boolean =>
  path.startsWith(other) && (path.length === other.length || path[other.length] === '/');

const placeText = ({ path, source }: Place): string => (source === '' ? goQuote(path) : `${goQuote(path)} (${source})`);
