import { seconds } from '../kernel/clock.js';
import type { CertificateSigningRequest, CertificateSigningRequestSpec } from '../machinery/api/certificates-v1.js';
import { humanDuration } from '../machinery/human-duration.js';
import { defineKind } from '../machinery/kind.js';
import type { Draft } from '../machinery/object.js';
import type { UserInfo } from '../machinery/user.js';
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
  prepareForCreate(draft, { user }) {
    const { username: _username, uid: _uid, groups: _groups, extra: _extra, ...spec } = draft.spec;
    draft.spec = { ...spec, ...requester(user) };
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

/** What the spec says of who asks, as upstream encodes it: nothing of what is empty. */
function requester({
  username,
  uid = '',
  groups,
  extra = {},
}: UserInfo): Partial<Draft<CertificateSigningRequestSpec>> {
  const lists = Object.entries(extra).map(([key, values]): [string, string[]] => [key, [...values]]);
  return {
    ...(username === '' ? {} : { username }),
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(lists.length === 0 ? {} : { extra: Object.fromEntries(lists) }),
  };
}
