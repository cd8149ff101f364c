import { seconds } from '../kernel/clock.js';
import type { CertificateSigningRequest } from '../machinery/api/certificates-v1.js';
import { humanDuration } from '../machinery/human-duration.js';
import { defineKind } from '../machinery/kind.js';
import { prepareStatus } from './certificate-spec/preparation.js';
import { validateRequest, validateRequestStatus, validateRequestUpdate } from './certificate-spec/validation.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { keepField } from './shared/immutable.js';
import { statusSubresource } from './shared/subresources.js';

export const certificateSigningRequest = defineKind<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  shortNames: ['csr'],
  scope: 'Cluster',
  type: 'k8s.io/api/certificates/v1.CertificateSigningRequest',
  subresources: [{ name: 'approval', verbs: ['get', 'patch', 'update'] }, statusSubresource],
  columns: [
    nameColumn,
    ageColumn,
    { name: 'SignerName', type: 'string', value: ({ spec }) => spec.signerName || '<none>' },
    { name: 'Requestor', type: 'string', value: ({ spec }) => spec.username ?? '' },
    {
      name: 'RequestedDuration',
      type: 'string',
      value: ({ spec }) =>
        spec.expirationSeconds === undefined ? '<none>' : humanDuration(seconds(spec.expirationSeconds)),
    },
    { name: 'Condition', type: 'string', value: conditionText },
  ],
  selectableFields: ({ spec }) => ({ 'spec.signerName': spec.signerName }),

  // Who asks is the server's to say.
  prepareForCreate(draft) {
    delete draft.spec.username;
    delete draft.spec.uid;
    delete draft.spec.groups;
    delete draft.spec.extra;
    draft.status = {};
  },
  prepareForUpdate(draft, old) {
    keepField(draft, 'spec', old);
    keepField(draft, 'status', old);
  },
  prepareForStatusUpdate: prepareStatus,

  validateName: () => [],
  validate: validateRequest,
  validateUpdate: validateRequestUpdate,
  validateStatusUpdate: validateRequestStatus,
});

function conditionText({ status }: CertificateSigningRequest): string {
  const has = (type: string): boolean => status?.conditions?.some((each) => each.type === type) ?? false;
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  const failure = has('Failed') ? ',Failed' : '';
  return `${decision}${failure}${(status?.certificate ?? '') === '' ? '' : ',Issued'}`;
}
