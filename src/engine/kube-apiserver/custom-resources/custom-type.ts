import { invalid as invalidField } from '../../machinery/field-error.js';
import { apiVersionOf, type GroupVersionKind } from '../../machinery/object.js';
import type { ExpectedBody } from '../decode-body.js';
import { badRequest, invalid, type StatusError } from '../../machinery/status-error.js';
import { isJsonObject, type ParsedValue } from '../../machinery/structure.js';

/** What a body of another version than the path's is told, whatever kind it names. */
export function versionMismatch(value: ParsedValue, expected: GroupVersionKind): StatusError | undefined {
  const given = isJsonObject(value) && typeof value['apiVersion'] === 'string' ? value['apiVersion'] : '';
  const wanted = apiVersionOf(expected);
  if (given === wanted) return undefined;
  return badRequest(`the API version in the data (${given}) does not match the expected API version (${wanted})`);
}

/** Mirrors `ValidateTypeMeta`: what upstream can decode it refuses only as invalid. @throws StatusError 422 */
export function checkCustomType(value: ParsedValue, expected: GroupVersionKind): void {
  if (!isJsonObject(value)) return;
  const { kind, apiVersion, metadata } = value;
  const wanted = apiVersionOf(expected);
  const errors = [
    ...(kind === expected.kind ? [] : [invalidField('kind', kind ?? '', `must be ${expected.kind}`)]),
    ...(apiVersion === wanted ? [] : [invalidField('apiVersion', apiVersion ?? '', `must be ${wanted}`)]),
  ];
  if (errors.length === 0) return;
  const name = isJsonObject(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '';
  throw invalid({ group: expected.group, kind: typeof kind === 'string' ? kind : expected.kind }, name, errors);
}

const TYPE_FIELDS: readonly string[] = ['apiVersion', 'kind', 'metadata'];

/** What a decoder finds in a body of a version that the definition does not have: it knows no field. */
export function fieldsOfUnknownVersion(value: ParsedValue, { group, kind, custom }: ExpectedBody): readonly string[] {
  if (!isJsonObject(value) || value['kind'] !== kind) return [];
  const [ofGroup, version = ''] = String(value['apiVersion'] ?? '').split('/');
  if (ofGroup !== group || custom?.versionOf(version) !== undefined) return [];
  return Object.keys(value)
    .filter((key) => !TYPE_FIELDS.includes(key))
    .sort();
}
