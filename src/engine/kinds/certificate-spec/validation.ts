/**
 * Mirrors `ValidateCertificateSigningRequestCreate` and its updates.
 * Left out: what is inside the PEM blocks; who signs reads them.
 */
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../machinery/api/certificates-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { duplicate, forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { constantsOf } from '../../machinery/schema/built-in-schemas.js';
import { textOfBase64 } from '../shared/base64-data.js';
import { checkSignerName } from './signer-name.js';

const SECONDS_MIN = 600;
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const CONDITIONS_PATH = 'status.conditions';
const FINAL_TYPES: readonly string[] = ['Approved', 'Denied', 'Failed'];
const STATUSES: readonly string[] = ['False', 'True', 'Unknown'];
const KEY_USAGE = 'k8s.io/api/certificates/v1.KeyUsage';

/** What this way of updating may set. */
interface Permissions {
  readonly approval: boolean;
  readonly certificate: boolean;
}

export function validateRequest(object: CertificateSigningRequest, report: Report): void {
  validate(object, undefined, report);
}

export const validateRequestUpdate = (
  object: CertificateSigningRequest,
  old: CertificateSigningRequest,
  report: Report,
): void => validateUpdate(object, old, { approval: false, certificate: false }, report);

/** The status is written by who signs. */
export const validateRequestStatus = (
  object: CertificateSigningRequest,
  old: CertificateSigningRequest,
  report: Report,
): void => validateUpdate(object, old, { approval: false, certificate: true }, report);

/** What is decided, by who approves. */
export const validateRequestApproval = (
  object: CertificateSigningRequest,
  old: CertificateSigningRequest,
  report: Report,
): void => validateUpdate(object, old, { approval: true, certificate: false }, report);

function validate(
  { spec, status }: CertificateSigningRequest,
  old: CertificateSigningRequest | undefined,
  report: Report,
): void {
  const request = spec.request ?? '';
  if (!/^-----BEGIN CERTIFICATE REQUEST-----/m.test(textOfBase64(request))) {
    report(invalid('spec.request', request === '' ? null : request, 'PEM block type must be CERTIFICATE REQUEST'));
  }
  validateUsages(spec.usages ?? [], old?.spec.usages ?? [], report);
  if (spec.signerName === LEGACY_SIGNER && old?.spec.signerName !== LEGACY_SIGNER) {
    report(invalid('spec.signerName', spec.signerName, 'the legacy signerName is not allowed via this API version'));
  } else {
    checkSignerName(report, 'spec.signerName', spec.signerName);
  }
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < SECONDS_MIN) {
    const detail = `may not specify a duration less than ${SECONDS_MIN} seconds (10 minutes)`;
    report(invalid('spec.expirationSeconds', spec.expirationSeconds, detail));
  }
  validateConditions(status?.conditions ?? [], old?.status?.conditions ?? [], report);
  const certificate = status?.certificate ?? '';
  if (certificate === '' || certificate === old?.status?.certificate) return;
  const fault = certificateFault(textOfBase64(certificate));
  if (fault !== undefined) report(invalid('status.certificate', '<certificate data>', fault));
}

function certificateFault(text: string): string | undefined {
  const blocks = [...text.matchAll(/^-----BEGIN ([^-]+)-----/gm)].map(([, type = '']) => type);
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  const other = blocks.find((type) => type !== 'CERTIFICATE');
  return other === undefined ? undefined : `only CERTIFICATE PEM blocks are allowed, found ${goQuote(other)}`;
}

function validateUsages(usages: readonly string[], old: readonly string[], report: Report): void {
  if (usages.length === 0) report(required('spec.usages'));
  const known = constantsOf(KEY_USAGE);
  if (old.every((usage) => known.includes(usage))) {
    for (const [index, usage] of usages.entries()) {
      if (!known.includes(usage)) report(notSupported(`spec.usages[${index}]`, usage, known));
    }
  }
  if (new Set(old).size < old.length) return;
  for (const [index, usage] of usages.entries()) {
    if (usages.indexOf(usage) < index) report(duplicate(`spec.usages[${index}]`, usage));
  }
}

type Conditions = readonly CertificateSigningRequestCondition[];

function validateConditions(conditions: Conditions, old: Conditions, report: Report): void {
  const has = (list: Conditions, type: string): boolean => list.some((each) => each.type === type);
  const allowsBoth = has(old, 'Approved') && has(old, 'Denied');
  const allowsDuplicates = new Set(old.map(({ type }) => type)).size < old.length;
  for (const [index, { type, status }] of conditions.entries()) {
    const path = `${CONDITIONS_PATH}[${index}]`;
    if (type === '' && !has(old, '')) report(required(`${path}.type`));
    const statuses = FINAL_TYPES.includes(type) ? ['True'] : STATUSES;
    if (status === '') report(required(`${path}.status`));
    else if (!statuses.includes(status)) report(notSupported(`${path}.status`, status, statuses));
    const before = conditions.slice(0, index);
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    if (!allowsBoth && other !== undefined && has(before, other)) {
      report(invalid(CONDITIONS_PATH, type, 'Approved and Denied conditions are mutually exclusive'));
    }
    if (!allowsDuplicates && has(before, type)) report(duplicate(`${path}.type`, type));
  }
}

function validateUpdate(
  object: CertificateSigningRequest,
  old: CertificateSigningRequest,
  may: Permissions,
  report: Report,
): void {
  validate(object, old, report);
  const ofType = ({ status }: CertificateSigningRequest, type: string): Conditions =>
    (status?.conditions ?? []).filter((each) => each.type === type);
  for (const type of FINAL_TYPES) {
    if (ofType(object, type).length < ofType(old, type).length) {
      report(forbidden(CONDITIONS_PATH, `updates may not remove a condition of type ${goQuote(type)}`));
    }
  }
  for (const type of may.approval ? [] : ['Approved', 'Denied']) {
    const [now, before] = [ofType(object, type), ofType(old, type)];
    if (now.length > before.length) {
      report(forbidden(CONDITIONS_PATH, `updates may not add a condition of type ${goQuote(type)}`));
    } else if (now.length === before.length && !deepEqual(now, before)) {
      report(forbidden(CONDITIONS_PATH, `updates may not modify a condition of type ${goQuote(type)}`));
    }
  }
  const certificate = old.status?.certificate ?? '';
  if ((object.status?.certificate ?? '') === certificate) return;
  if (!may.certificate) report(forbidden('status.certificate', 'updates may not set certificate content'));
  else if (certificate !== '') {
    report(forbidden('status.certificate', 'updates may not modify existing certificate content'));
  }
}
