import { newApiKey } from './api-key.js';
import { Authenticator, bearerToken } from './authenticator.js';
import { ClusterTokens } from './cluster-tokens.js';
import { mayReachCluster, mayReachTenant } from './principal.js';
import type { KeyRecord } from './tenants.port.js';

const ADMIN = 'the-admin-token-of-this-test';
const key = newApiKey();
const record: KeyRecord = {
  id: 'k',
  tenantId: 'tenant-a',
  name: 'ci',
  hash: key.hash,
  prefix: key.prefix,
  createdAt: 0,
};

function authenticator(): { readonly subject: Authenticator; readonly tokens: ClusterTokens; keys: KeyRecord[] } {
  const tokens = new ClusterTokens(new Uint8Array(32).fill(7));
  const keys = [record];
  const find = (hash: string): Promise<KeyRecord | undefined> =>
    Promise.resolve(keys.find((each) => each.hash === hash));
  const subject = new Authenticator({ adminToken: ADMIN, keys: { findByHash: find }, clusterTokens: tokens });
  return { subject, tokens, keys };
}

describe('Authenticator', () => {
  it('knows the administrator, a tenant and the bearer of a kubeconfig', async () => {
    const { subject, tokens } = authenticator();
    const clusterToken = await tokens.issue({ id: 'cluster-1', createdAt: 1_000 });
    expect(await subject.authenticate(ADMIN)).toEqual({ type: 'administrator' });
    expect(await subject.authenticate(key.secret)).toEqual({ type: 'tenant', tenantId: 'tenant-a' });
    expect(await subject.authenticate(clusterToken)).toEqual({ type: 'cluster', clusterId: 'cluster-1' });
  });

  it('accepts nothing else', async () => {
    const { subject } = authenticator();
    const forged = await new ClusterTokens(new Uint8Array(32)).issue({ id: 'cluster-1', createdAt: 0 });
    for (const token of ['', 'x', 'fl_unknown', `${ADMIN}x`, forged, 'a'.repeat(5_000)]) {
      expect(await subject.authenticate(token)).toBeUndefined();
    }
  });

  it('remembers what it accepted until keys are withdrawn', async () => {
    const { subject, keys } = authenticator();
    expect(subject.recall(key.secret)).toBeUndefined();
    await subject.authenticate(key.secret);
    expect(subject.recall(key.secret)).toEqual({ type: 'tenant', tenantId: 'tenant-a' });
    keys.length = 0;
    await subject.forgetKnown();
    expect(subject.recall(key.secret)).toBeUndefined();
    expect(await subject.authenticate(key.secret)).toBeUndefined();
  });
});

describe('a principal', () => {
  const cluster = { id: 'cluster-1', tenantId: 'tenant-a' };

  it('reaches its own and nothing else', () => {
    expect(mayReachCluster({ type: 'administrator' }, cluster)).toBe(true);
    expect(mayReachCluster({ type: 'tenant', tenantId: 'tenant-a' }, cluster)).toBe(true);
    expect(mayReachCluster({ type: 'tenant', tenantId: 'tenant-b' }, cluster)).toBe(false);
    expect(mayReachCluster({ type: 'cluster', clusterId: 'cluster-1' }, cluster)).toBe(true);
    expect(mayReachCluster({ type: 'cluster', clusterId: 'cluster-2' }, cluster)).toBe(false);
    expect(mayReachTenant({ type: 'cluster', clusterId: 'cluster-1' }, 'tenant-a')).toBe(false);
  });
});

describe('bearerToken', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc ', 'abc'],
    ['Basic abc', ''],
    ['Bearer', ''],
    ['Bearer a b', ''],
    [undefined, ''],
  ])('reads %j as %j', (header, token) => expect(bearerToken(header)).toBe(token));
});
