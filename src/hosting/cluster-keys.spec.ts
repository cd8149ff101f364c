import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant } from '../engine/kernel/clock.js';
import { ClusterKeys } from './cluster-keys.js';
import { KeyFiles } from './key-files.js';

const start = instant(Date.UTC(2026, 0, 1));
const message = new TextEncoder().encode('message');

describe('ClusterKeys', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cluster-keys-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const process = () => new ClusterKeys(new KeyFiles(directory));

  it('are another for each cluster, and the same after a restart', () => {
    const keys = process();
    const [one, two] = ['one', 'two'].map((id) => keys.of({ id, isDurable: true, start }));
    const signature = one!.tokenKeys.sign(message);
    expect(one!.tokenKeys.verify(message, signature)).toBe(true);
    expect(two!.tokenKeys.verify(message, signature)).toBe(false);
    const again = process().of({ id: 'one', isDurable: true, start });
    expect(again.tokenKeys.verify(message, signature)).toBe(true);
    expect([again.tokenKeys.keyId, again.certificateAuthority.certificate]).toEqual([
      one!.tokenKeys.keyId,
      one!.certificateAuthority.certificate,
    ]);
  });

  it('are made when they are first wanted, and only their owner may read them', () => {
    const keys = process();
    const { certificateAuthority } = keys.of({ id: 'three', isDurable: true, start });
    expect(readdirSync(directory)).not.toContain('three');
    expect(certificateAuthority.certificate).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    expect(readdirSync(join(directory, 'three'))).toEqual(['ca.crt', 'ca.key']);
    expect(statSync(join(directory, 'three', 'ca.key')).mode & 0o777).toBe(0o600);
    keys.forget('three');
    expect(readdirSync(directory)).not.toContain('three');
  });

  it('of a cluster that is being made are there before they are on the disk', async () => {
    const keys = process();
    const owner = { id: 'new', isDurable: true, start };
    const prepared = keys.prepare(owner);
    const { certificateAuthority, frontProxy } = keys.of(owner);
    const certificates = [certificateAuthority.certificate, frontProxy.certificate];
    await prepared;
    expect(readdirSync(join(directory, 'new'))).toEqual(['ca.crt', 'ca.key', 'front-proxy-ca.pem']);
    expect(statSync(join(directory, 'new', 'front-proxy-ca.pem')).mode & 0o777).toBe(0o600);
    const again = process().of(owner);
    expect([again.certificateAuthority.certificate, again.frontProxy.certificate]).toEqual(certificates);
    const client = new X509Certificate(again.frontProxy.client.certificate);
    const proxy = new X509Certificate(again.frontProxy.certificate);
    expect([client.subject, client.checkIssued(proxy), client.verify(proxy.publicKey), client.keyUsage]).toEqual([
      'CN=front-proxy-client',
      true,
      true,
      ['1.3.6.1.5.5.7.3.2'],
    ]);
    expect(createPublicKey(again.frontProxy.client.privateKey).equals(client.publicKey)).toBe(true);
  });

  it('of a cluster that went while it was made are not left behind', async () => {
    const keys = process();
    const owner = { id: 'short', isDurable: true, start };
    const prepared = keys.prepare(owner);
    keys.of(owner);
    keys.forget('short');
    await prepared;
    expect(readdirSync(directory)).not.toContain('short');
  });

  it('of a cluster in memory are never written', () => {
    const { tokenKeys } = process().of({ id: 'four', isDurable: false, start });
    expect(tokenKeys.verify(message, tokenKeys.sign(message))).toBe(true);
    const { n, e } = tokenKeys.publicKey;
    expect(createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' }).asymmetricKeyDetails?.modulusLength).toBe(
      2_048,
    );
    expect(readdirSync(directory)).not.toContain('four');
  });

  it('hold an authority that certifies itself, from the beginning of the cluster on', () => {
    const { certificateAuthority } = process().of({ id: 'five', isDurable: false, start });
    const certificate = new X509Certificate(certificateAuthority.certificate);
    expect([certificate.ca, certificate.subject, certificate.verify(certificate.publicKey)]).toEqual([
      true,
      'CN=kubernetes',
      true,
    ]);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(start);
  });
});
