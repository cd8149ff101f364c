import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from './config.js';
import { loadServerIdentity, type ServerIdentity } from './server-identity.js';

describe('loadServerIdentity', () => {
  let dataDir: string;
  const load = (more: Record<string, string> = {}): Promise<ServerIdentity> =>
    loadServerIdentity(Config.fromEnvironment({ FLOTILLA_DATA_DIR: dataDir, ...more }));

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'flotilla-identity-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it('makes an identity once and keeps it', async () => {
    const first = await load();
    const second = await load();
    expect(first.isAdminTokenNew).toBe(true);
    expect(second).toEqual({ ...first, isAdminTokenNew: false });
    expect(Buffer.from(first.adminToken, 'base64url')).toHaveLength(32);
    expect(first.tokenKey).toHaveLength(32);
  });

  it('lets only the owner read what it keeps', async () => {
    await load();
    const names = await readdir(dataDir);
    expect(names.toSorted()).toEqual(['admin-token', 'ca.crt', 'ca.key', 'server.crt', 'server.key', 'token.key']);
    for (const name of names) expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600);
  });

  it('has a certificate for the loopback names, signed by its authority', async () => {
    const { server, caCertificate } = await load();
    const leaf = new X509Certificate(server.certificate);
    const authority = new X509Certificate(caCertificate);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(authority.ca).toBe(true);
    expect(leaf.checkHost('localhost')).toBe('localhost');
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(leaf.checkIP('::1')).toBe('::1');
  });

  it('issues a new certificate from the same authority when the host changes', async () => {
    const before = await load();
    const after = await load({ FLOTILLA_HOST: 'clusters.example.com' });
    expect(after.caCertificate).toBe(before.caCertificate);
    expect(new X509Certificate(after.server.certificate).checkHost('clusters.example.com')).toBeDefined();
  });

  it('takes the admin token of the settings, and prints none', async () => {
    const identity = await load({ FLOTILLA_ADMIN_TOKEN: 'a-token-of-my-own-choice' });
    expect(identity).toMatchObject({ adminToken: 'a-token-of-my-own-choice', isAdminTokenNew: false });
  });
});
