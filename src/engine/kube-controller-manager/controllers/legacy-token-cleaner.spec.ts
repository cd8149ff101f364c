import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { configMap } from '../../kinds/config-map.js';
import { secret } from '../../kinds/secret.js';
import { pod } from '../../kinds/pod.js';
import { serviceAccount } from '../../kinds/service-account.js';

const DAY = 24 * 3_600;
const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

/** A world whose account `bot` lists its token, which was last used as `labels` say. */
function worldWithToken({
  labels = {},
  isListed = true,
}: { labels?: Record<string, string>; isListed?: boolean } = {}) {
  const world = new ControllerWorld();
  const { client } = world;
  const name = 'kube-apiserver-legacy-service-account-token-tracking';
  client.create(configMap, 'kube-system', { metadata: { name }, data: { since: '2026-01-01' } });
  client.create(serviceAccount, 'default', { metadata: { name: 'bot' } });
  const annotations = { 'kubernetes.io/service-account.name': 'bot' };
  client.create(secret, 'default', {
    metadata: { name: 's', annotations, labels },
    type: 'kubernetes.io/service-account-token',
  });
  if (isListed) client.patch(serviceAccount, 'default/bot', { secrets: [{ name: 's' }] });
  world.run(1);
  return { world, client, token: () => client.get(secret, 'default/s')?.metadata };
}

describe('legacy-serviceaccount-token-cleaner-controller', () => {
  it('marks a token that was not used for a year as invalid, and removes it after another', () => {
    const { world, token } = worldWithToken();
    world.run(365 * DAY);
    expect(token()?.labels).toBeUndefined();
    world.run(2 * DAY);
    expect(token()?.labels).toEqual({ [INVALID_SINCE]: '2027-01-02' });
    world.run(364 * DAY);
    expect(token()).toBeDefined();
    world.run(3 * DAY);
    expect(token()).toBeUndefined();
  });

  it('waits from when it was last used', () => {
    const { world, client, token } = worldWithToken({ labels: { [LAST_USED]: '2026-06-01' } });
    world.run(370 * DAY);
    expect(token()?.labels).toEqual({ [LAST_USED]: '2026-06-01' });
    client.patch(secret, 'default/s', { metadata: { labels: { [LAST_USED]: '2026-12-31' } } });
    world.run(340 * DAY);
    expect(token()?.labels).toEqual({ [LAST_USED]: '2026-12-31' });
    world.run(40 * DAY);
    expect(Object.keys(token()?.labels ?? {})).toContain(INVALID_SINCE);
  });

  it('leaves alone what a pod mounts, as long as it does', () => {
    const { world, client, token } = worldWithToken();
    const volumes = [{ name: 'v', secret: { secretName: 's' } }];
    client.create(pod, 'default', {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i' }], volumes },
    });
    world.run(370 * DAY);
    expect(token()?.labels).toBeUndefined();
    client.delete(pod, client.get(pod, 'default/p')!, { gracePeriodSeconds: 0 });
    world.run(2 * DAY);
    expect(Object.keys(token()?.labels ?? {})).toEqual([INVALID_SINCE]);
  });

  it('leaves alone what somebody made', () => {
    const { world, token } = worldWithToken({ isListed: false });
    world.run(800 * DAY);
    expect(token()?.labels).toBeUndefined();
  });
});
