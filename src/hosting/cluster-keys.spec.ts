import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant } from '../engine/kernel/clock.js';
import { ClusterKeys } from './cluster-keys.js';
import type { ClusterIdentity } from './cluster-settings.js';
import { KeyFiles } from './key-files.js';

const start = instant(Date.UTC(2026, 0, 1));
const message = new TextEncoder().encode('message');
const owner = (id: string, more: Partial<ClusterIdentity['settings']> = {}, tenantId = 't') => ({
  id,
  tenantId,
  settings: { name: 'one', seed: 1, start, durability: 'durable' as const, ...more },
});

describe('ClusterKeys', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cluster-keys-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const process = (secret = new Uint8Array(32)) => new ClusterKeys(new KeyFiles(directory), secret);

  it('are another for each cluster, and the same after a restart', () => {
    const keys = process();
    const [one, two] = ['one', 'two'].map((id) => keys.of(owner(id, { name: id })));
    const signature = one!.tokenKeys.sign(message);
    expect(one!.tokenKeys.verify(message, signature)).toBe(true);
    expect(two!.tokenKeys.verify(message, signature)).toBe(false);
    const again = process().of(owner('one'));
    expect(again.tokenKeys.verify(message, signature)).toBe(true);
    expect(again.tokenKeys.keyId).toBe(one!.tokenKeys.keyId);
    expect(again.certificateAuthority.certificate).toBe(one!.certificateAuthority.certificate);
    expect(again.certificateAuthority.certificate).not.toBe(two!.certificateAuthority.certificate);
  });

  it('certify alike for the same seed, name and start of one tenant on one server, and for nothing less', () => {
    const certificates = ({ certificateAuthority, frontProxy }: ReturnType<ClusterKeys['of']>) => [
      certificateAuthority.certificate,
      Buffer.from(certificateAuthority.sign(message)).toString('hex'),
      frontProxy.certificate,
    ];
    const expected = certificates(process().of(owner('a')));
    expect(certificates(process().of(owner('b', { durability: 'ephemeral' })))).toEqual(expected);
    const others = [
      process().of(owner('c', { seed: 2 })),
      process().of(owner('d', { name: 'other' })),
      process().of(owner('e', { start: instant(start + 1_000) })),
      process().of(owner('f', {}, 'u')),
      process(new Uint8Array(32).fill(1)).of(owner('g')),
    ];
    for (const other of others) {
      for (const [at, certificate] of certificates(other).entries()) expect(certificate).not.toBe(expected[at]);
    }
    expect(new Set(certificates(process().of(owner('h')))).size).toBe(3);
  });

  it('are made when they are first wanted, and only their owner may read them', () => {
    const keys = process();
    const { tokenKeys, certificateAuthority } = keys.of(owner('three'));
    expect(certificateAuthority.certificate).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    expect(readdirSync(directory)).not.toContain('three');
    tokenKeys.sign(message);
    expect(readdirSync(join(directory, 'three'))).toEqual(['sa.key']);
    expect(statSync(join(directory, 'three', 'sa.key')).mode & 0o777).toBe(0o600);
    keys.forget('three');
    expect(readdirSync(directory)).not.toContain('three');
  });

  it('of a cluster in memory are never written', () => {
    const { tokenKeys } = process().of(owner('four', { durability: 'ephemeral' }));
    expect(tokenKeys.verify(message, tokenKeys.sign(message))).toBe(true);
    const { n, e } = tokenKeys.publicKey;
    expect(createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' }).asymmetricKeyDetails?.modulusLength).toBe(
      2_048,
    );
    expect(readdirSync(directory)).not.toContain('four');
  });

  it('hold an authority that certifies itself, from the beginning of the cluster on', () => {
    const { certificateAuthority } = process().of(owner('five'));
    const certificate = new X509Certificate(certificateAuthority.certificate);
    expect([certificate.ca, certificate.subject, certificate.verify(certificate.publicKey)]).toEqual([
      true,
      'CN=kubernetes',
      true,
    ]);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(start);
  });

  it('hold one for the front proxy, that certifies it alone', () => {
    const { frontProxy } = process().of(owner('six'));
    const client = new X509Certificate(frontProxy.client.certificate);
    const proxy = new X509Certificate(frontProxy.certificate);
    expect([client.subject, client.checkIssued(proxy), client.verify(proxy.publicKey), client.keyUsage]).toEqual([
      'CN=front-proxy-client',
      true,
      true,
      ['1.3.6.1.5.5.7.3.2'],
    ]);
    expect(createPublicKey(frontProxy.client.privateKey).equals(client.publicKey)).toBe(true);
  });
});
