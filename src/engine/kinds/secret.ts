import type { Secret } from '../machinery/api/core-v1.js';
import { deepEqual } from '../machinery/equality.js';
import { forbidden, invalid, required, tooLong } from '../machinery/field-error.js';
import { parseJson } from '../machinery/json/parse-json.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { configMapKeyFaults } from '../machinery/names.js';
import { setOwn } from '../machinery/structure.js';
import { reportFaults } from './pod-spec/checks.js';
import { base64ByteLength, base64OfText, textOfBase64 } from './shared/base64-data.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { checkImmutable } from './shared/immutable.js';

const DATA_BYTES_MAX = 1_048_576;
const PEM = /^-----BEGIN [^-]+-----/m;
const ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.name';

export const secret = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.Secret',
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', value: ({ type }) => type ?? '' },
    { name: 'Data', type: 'string', value: ({ data = {} }) => Object.keys(data).length },
    ageColumn,
  ],
  selectableFields: ({ type }) => ({ type: type ?? '' }),

  defaults(draft) {
    for (const [key, value] of Object.entries(draft.stringData ?? {}))
      setOwn((draft.data ??= {}), key, base64OfText(value));
    delete draft.stringData;
    draft.type ||= 'Opaque';
  },

  validate,
  validateUpdate(object, old, report) {
    checkImmutable(report, 'type', [object.type, old.type]);
    if (old.immutable === true) {
      const frozen = 'field is immutable when `immutable` is set';
      if (object.immutable !== true) report(forbidden('immutable', frozen));
      if (!deepEqual(object.data ?? {}, old.data ?? {})) report(forbidden('data', frozen));
    }
    validate(object, report);
  },
  warnings: ({ type, data = {} }) => {
    const warning = type === 'kubernetes.io/tls' ? keyPairWarning(data) : undefined;
    return warning === undefined ? [] : [warning];
  },
});

/** Go's words for a pair that holds no PEM at all. Whether a certificate and its key fit is not looked at. */
function keyPairWarning(data: Readonly<Record<string, string>>): string | undefined {
  for (const [key, what] of [
    ['tls.crt', 'certificate'],
    ['tls.key', 'key'],
  ] as const) {
    if (!PEM.test(textOfBase64(data[key] ?? ''))) return `tls: failed to find any PEM data in ${what} input`;
  }
  return undefined;
}

function validate(object: Secret, report: Report): void {
  const { data = {} } = object;
  let bytes = 0;
  for (const key of Object.keys(data).toSorted()) {
    reportFaults(report, `data[${key}]`, key, configMapKeyFaults(key));
    bytes += base64ByteLength(data[key] ?? '');
  }
  if (bytes > DATA_BYTES_MAX) report(tooLong('data', DATA_BYTES_MAX));
  validateType(object, report);
}

/** What each of upstream's own types must hold. */
function validateType({ type, metadata, data = {} }: Secret, report: Report): void {
  const need = (key: string): void => {
    if (!Object.hasOwn(data, key)) report(required(`data[${key}]`));
  };
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if ((metadata.annotations?.[ACCOUNT_ANNOTATION] ?? '') === '') {
        report(required(`metadata.annotations[${ACCOUNT_ANNOTATION}]`));
      }
      break;
    case 'kubernetes.io/dockercfg':
      validateJson('.dockercfg', data, report);
      break;
    case 'kubernetes.io/dockerconfigjson':
      validateJson('.dockerconfigjson', data, report);
      break;
    case 'kubernetes.io/basic-auth':
      if (Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password')) break;
      need('username');
      need('password');
      break;
    case 'kubernetes.io/ssh-auth':
      if ((data['ssh-privatekey'] ?? '') === '') report(required('data[ssh-privatekey]'));
      break;
    case 'kubernetes.io/tls':
      need('tls.crt');
      need('tls.key');
      break;
    default: // Types of others hold what they like.
  }
}

function validateJson(key: string, data: Readonly<Record<string, string>>, report: Report): void {
  const content = data[key];
  if (content === undefined) return report(required(`data[${key}]`));
  const fault = objectFault(textOfBase64(content));
  if (fault !== undefined) report(invalid(`data[${key}]`, '<secret contents redacted>', fault));
}

/** Go's words for a JSON text that is no object. */
function objectFault(text: string): string | undefined {
  const { value, fault } = parseJson(text);
  if (fault !== undefined) return fault;
  if (value === null || (typeof value === 'object' && !Array.isArray(value) && isPlain(value))) return undefined;
  return `json: cannot unmarshal ${goTypeOf(value)} into Go value of type map[string]interface {}`;
}

const isPlain = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype;

function goTypeOf(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : 'number';
}
