import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { secret } from '../../kinds/secret.js';
import { serviceAccount } from '../../kinds/service-account.js';

const annotations = { 'kubernetes.io/service-account.name': 'bot' };
const type = 'kubernetes.io/service-account-token';

function worldWithAccount() {
  const world = new ControllerWorld({
    credentials: {
      certificateAuthority: undefined,
      accountToken: ({ metadata }, secretName) => `token of ${metadata.name} in ${secretName}`,
      mayRequestCertificate: () => false,
    },
  });
  world.client.create(serviceAccount, 'default', { metadata: { name: 'bot' } });
  world.client.create(secret, 'default', { metadata: { name: 's', annotations }, type });
  world.run(1);
  return world;
}

describe('serviceaccount-token-controller', () => {
  it('fills a Secret with what its account needs', () => {
    const { client } = worldWithAccount();
    const { data, metadata } = client.get(secret, 'default/s')!;
    const text = (key: string) => atob(data?.[key] ?? '');
    expect([text('token'), text('namespace'), text('ca.crt')]).toEqual(['token of bot in s', 'default', 'CERTIFICATE']);
    const { uid } = client.get(serviceAccount, 'default/bot')!.metadata;
    expect(metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(uid);
  });

  it('fills in again what is taken out, and leaves the rest', () => {
    const world = worldWithAccount();
    world.client.patch(secret, 'default/s', { data: { token: null, more: 'YQ==' } });
    world.run(1);
    expect(Object.keys(world.client.get(secret, 'default/s')?.data ?? {})).toEqual([
      'ca.crt',
      'more',
      'namespace',
      'token',
    ]);
  });

  it('removes the Secrets of an account that is no more, and those of none', () => {
    const world = worldWithAccount();
    world.client.create(secret, 'default', { metadata: { name: 'orphan', annotations }, type });
    world.run(1);
    expect(world.client.get(secret, 'default/orphan')).toBeDefined();
    world.client.delete(serviceAccount, world.client.get(serviceAccount, 'default/bot')!);
    world.run(1);
    expect(world.client.list(secret, 'default')).toEqual([]);
    world.client.create(secret, 'default', { metadata: { name: 'late', annotations }, type });
    world.run(1);
    expect(world.client.list(secret, 'default')).toEqual([]);
  });
});
