import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../machinery/api/core-v1.js';
import { forbidden, invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { isEmpty } from './checks.js';
import { checkFieldRef, checkResourceFieldRef, VOLUME_FIELDS } from './field-references.js';
import { checkUnreservedPath } from './paths.js';

const MODE_MAX = 0o777;
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;

export function checkProjected(report: Report, path: string, { defaultMode, sources }: ProjectedVolumeSource): void {
  checkFileMode(report, `${path}.defaultMode`, defaultMode);
  const taken = new Set<string>();
  const take = (place: string | undefined, value: unknown): void => {
    if (isEmpty(place)) return;
    if (taken.has(place)) report(invalid(path, value, 'conflicting duplicate paths'));
    taken.add(place);
  };
  for (const [index, source] of (sources ?? []).entries()) {
    const at = `${path}.sources[${index}]`;
    const count = checkProjection(report, at, source, take);
    if (source.serviceAccountToken !== undefined) checkToken(report, { at, path }, source.serviceAccountToken);
    if (count > 1) report(forbidden(at, 'may not specify more than 1 volume type per source'));
  }
}

type TakePath = (place: string | undefined, value: unknown) => void;

/** The number of sources that are set. */
function checkProjection(report: Report, at: string, source: VolumeProjection, take: TakePath): number {
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  for (const [name, keyed] of [
    ['secret', secret],
    ['configMap', configMap],
  ] as const) {
    if (keyed === undefined) continue;
    if (isEmpty(keyed.name)) report(required(`${at}.${name}.name`));
    for (const [index, item] of (keyed.items ?? []).entries()) {
      checkKeyPath(report, `${at}.${name}.items[${index}]`, item);
      take(item.path, keyed.name ?? '');
    }
  }
  for (const file of downwardAPI?.items ?? []) {
    checkVolumeFile(report, `${at}.downwardAPI`, file);
    take(file.path, file.path);
  }
  return [secret, configMap, downwardAPI, serviceAccountToken].filter((each) => each !== undefined).length;
}

/** The token's path is reported below the volume, not below the source. */
function checkToken(
  report: Report,
  { at, path }: { readonly at: string; readonly path: string },
  token: ServiceAccountTokenProjection,
): void {
  const { expirationSeconds = 0 } = token;
  const seconds = `${at}.serviceAccountToken.expirationSeconds`;
  if (expirationSeconds < TOKEN_SECONDS_MIN) {
    report(invalid(seconds, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  }
  if (expirationSeconds > TOKEN_SECONDS_MAX) {
    report(invalid(seconds, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  if (token.path === '') report(required(`${path}.path`));
  else checkUnreservedPath(report, `${path}.path`, token.path);
}

export function checkKeyPaths(report: Report, path: string, items: readonly KeyToPath[] | undefined): void {
  for (const [index, item] of (items ?? []).entries()) checkKeyPath(report, `${path}[${index}]`, item);
}

function checkKeyPath(report: Report, at: string, { key, path, mode }: KeyToPath): void {
  if (key === '') report(required(`${at}.key`));
  if (path === '') report(required(`${at}.path`));
  checkUnreservedPath(report, `${at}.path`, path);
  checkFileMode(report, `${at}.mode`, mode);
}

/** A field of the pod as a file. Upstream names no index, so neither does this. */
export function checkVolumeFile(report: Report, at: string, file: DownwardAPIVolumeFile): void {
  const { path, fieldRef, resourceFieldRef, mode } = file;
  if (path === '') report(required(`${at}.path`));
  checkUnreservedPath(report, `${at}.path`, path);
  if (fieldRef !== undefined) {
    checkFieldRef(report, `${at}.fieldRef`, fieldRef, VOLUME_FIELDS);
    if (resourceFieldRef !== undefined) {
      report(invalid(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    }
  } else if (resourceFieldRef !== undefined) {
    checkResourceFieldRef(report, `${at}.resourceFieldRef`, resourceFieldRef, true);
  } else report(required(at, 'one of fieldRef and resourceFieldRef is required'));
  checkFileMode(report, `${at}.mode`, mode);
}

export function checkFileMode(report: Report, path: string, mode: number | undefined): void {
  if (mode !== undefined && (mode < 0 || mode > MODE_MAX)) {
    report(invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
  }
}
