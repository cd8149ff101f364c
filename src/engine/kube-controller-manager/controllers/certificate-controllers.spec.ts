import { generateKeyPairSync, sign, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { certificateRequestPem } from '../../../../test/support/certificate-request.js';
import { instant } from '../../kernel/clock.js';
import { certificateSigningRequest } from '../../kinds/certificate-signing-request.js';
import { clusterRoleBinding } from '../../kinds/cluster-role-binding.js';
import { clusterRole } from '../../kinds/cluster-role.js';
import type { CertificateSigningRequest } from '../../machinery/api/certificates-v1.js';
import { certificateBody, commonNameOnly, signedCertificate } from '../../machinery/x509/certificate.js';
import { pemText } from '../../machinery/x509/pem.js';

const CLIENT = 'kubernetes.io/kube-apiserver-client';
const KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet';
const CLIENT_USAGES = ['digital signature', 'client auth'];

/** An authority of this test's own. */
function authority() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const name = commonNameOnly('test');
  const body = certificateBody({
    serial: Uint8Array.of(1),
    issuer: name,
    subject: name,
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    notBefore: instant(Date.UTC(2025, 0, 1)),
    notAfter: instant(Date.UTC(2100, 0, 1)),
    usages: ['cert sign'],
    isAuthority: true,
  });
  const signed = (bytes: Uint8Array): Uint8Array => sign(null, bytes, privateKey);
  return { certificate: pemText('CERTIFICATE', signedCertificate(body, signed(body))), sign: signed };
}

interface Asked {
  readonly commonName?: string;
  readonly organization?: string;
  readonly dnsName?: string;
  readonly signerName?: string;
  readonly usages?: readonly string[];
  /** The key that is named, where it is not the signer's own. */
  readonly publicKey?: KeyObject;
  readonly expirationSeconds?: number;
}

function world(mayRequest = false) {
  const own = authority();
  const controllers = new ControllerWorld({
    credentials: {
      certificateAuthority: {
        ...own,
        isGenuine: ({ body, signature, publicKey }) =>
          verify('sha256', body, { key: Buffer.from(publicKey), format: 'der', type: 'spki' }, signature),
      },
      accountToken: () => '',
      mayRequestCertificate: () => mayRequest,
    },
  });
  const { client } = controllers;
  // As upstream's bootstrap policy has it.
  const metadata = { name: 'system:controller:certificate-controller' };
  const apiGroup = 'rbac.authorization.k8s.io';
  const rules = [{ verbs: ['approve', 'sign'], apiGroups: ['certificates.k8s.io'], resources: ['signers'] }];
  const subjects = [{ kind: 'ServiceAccount', name: 'certificate-controller', namespace: 'kube-system' }];
  const roleRef = { apiGroup, kind: 'ClusterRole', name: metadata.name };
  client.create(clusterRole, undefined, { metadata, rules });
  client.create(clusterRoleBinding, undefined, { metadata, roleRef, subjects });
  const ask = ({ commonName = 'jane', organization = 'painters', dnsName, publicKey, ...spec }: Asked = {}): void => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const request = btoa(certificateRequestPem({ commonName, organization, dnsName, publicKey }, privateKey));
    const { signerName = CLIENT, usages = CLIENT_USAGES, expirationSeconds } = spec;
    client.create(certificateSigningRequest, undefined, {
      metadata: { name: 'r' },
      spec: { request, signerName, usages, ...(expirationSeconds === undefined ? {} : { expirationSeconds }) },
    });
    controllers.run(1);
  };
  const found = (): CertificateSigningRequest | undefined => client.get(certificateSigningRequest, 'r');
  const approve = (): void => {
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Because', message: '' }];
    const target = { key: 'r', subresource: 'approval' };
    client.patchSubresource(certificateSigningRequest, target, { status: { conditions } });
    controllers.run(1);
  };
  const certificate = (): X509Certificate | undefined => {
    const encoded = found()?.status?.certificate ?? '';
    return encoded === '' ? undefined : new X509Certificate(atob(encoded));
  };
  return { controllers, ask, found, approve, certificate, authority: own };
}

describe('certificate signing requests', () => {
  it('get a real certificate once they are approved', () => {
    const { ask, approve, certificate, authority: own } = world();
    ask({ expirationSeconds: 3_600, dnsName: 'jane.example.com' });
    expect(certificate()).toBeUndefined();
    approve();
    const issued = certificate()!;
    const issuer = new X509Certificate(own.certificate);
    expect([issued.verify(issuer.publicKey), issued.checkIssued(issuer), issued.ca]).toEqual([true, true, false]);
    expect([issued.subject, issued.subjectAltName]).toEqual(['O=painters\nCN=jane', 'DNS:jane.example.com']);
    expect(issued.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(Date.parse(issued.validTo) - Date.parse(issued.validFrom)).toBe(3_900_000);
  });

  it('fail where the signer does not take them', () => {
    const { ask, approve, found } = world();
    ask({ usages: ['server auth'] });
    approve();
    expect(found()?.status?.conditions?.[1]).toMatchObject({
      type: 'Failed',
      reason: 'SignerValidationFailure',
      message: 'invalid usage for client certificate: server auth',
    });
  });

  it('get nothing for a key that is not theirs', () => {
    const { ask, approve, certificate } = world();
    ask({ publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey });
    approve();
    expect(certificate()).toBeUndefined();
  });

  it('of kubelets that may ask are approved at once, those of others wait', () => {
    const node = { commonName: 'system:node:worker-1', organization: 'system:nodes', signerName: KUBELET };
    const allowed = world(true);
    allowed.ask(node);
    expect(allowed.found()?.status?.conditions?.[0]).toMatchObject({
      type: 'Approved',
      reason: 'AutoApproved',
      message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    });
    expect(allowed.certificate()?.subject).toBe('O=system:nodes\nCN=system:node:worker-1');
    const refused = world(false);
    refused.ask(node);
    expect(refused.found()?.status?.conditions).toBeUndefined();
    const other = world(true);
    other.ask({ ...node, organization: 'painters' });
    expect(other.found()?.status?.conditions).toBeUndefined();
  });

  it('go an hour after they are done with, and a day after nobody decides', () => {
    const issued = world();
    issued.ask();
    issued.approve();
    issued.controllers.run(3_590);
    expect(issued.found()).toBeDefined();
    issued.controllers.run(3_610);
    expect(issued.found()).toBeUndefined();
    const pending = world();
    pending.ask();
    pending.controllers.run(23 * 3_600);
    expect(pending.found()).toBeDefined();
    pending.controllers.run(2 * 3_600);
    expect(pending.found()).toBeUndefined();
  });
});
