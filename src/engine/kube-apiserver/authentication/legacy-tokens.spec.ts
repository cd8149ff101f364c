import { createApiHarness, HARNESS_START, textCodec, type Json } from '../../../../test/support/engine-harness.js';
import { fakeTokenKeys } from '../../../../test/support/fake-token-keys.js';
import { after, minutes, seconds, type Duration } from '../../kernel/clock.js';
import { clusterAdministrator } from '../../machinery/user.js';
import type { WireResponse } from '../wire.js';

const SECRETS = '/api/v1/namespaces/default/secrets';
const ACCOUNT = '/api/v1/namespaces/default/serviceaccounts/default';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const DAY = minutes(24 * 60);

/** A server with a service account whose token stands in a Secret. */
function serverWithToken() {
  const harness = createApiHarness({ tokenKeys: fakeTokenKeys() });
  const { server, request, loop } = harness;
  const { metadata: account } = request('GET', ACCOUNT).json;
  const token = server.authentication.accountTokens!.issueLegacy(account, 't');
  const metadata = { name: 't', annotations: { 'kubernetes.io/service-account.name': 'default' } };
  const data = { token: btoa(token) };
  request('POST', SECRETS, { metadata, type: 'kubernetes.io/service-account-token', data });
  const use = (): WireResponse => {
    const answers: WireResponse[] = [];
    server.handle(
      { ...PODS, user: clusterAdministrator, token },
      {
        respond: (response) => void answers.push(response),
        stream: () => {
          throw new Error('no stream was asked for');
        },
      },
    );
    wait(seconds(1));
    return answers[0]!;
  };
  const wait = (length: Duration) => loop.run(after(loop.now, length), () => true);
  const secret = (): Json => request('GET', `${SECRETS}/t`).json.metadata;
  return { ...harness, use, wait, secret };
}

const PODS = { method: 'GET', path: '/api/v1/namespaces/default/pods', query: '', headers: {}, body: new Uint8Array() };
const messageOf = ({ body }: WireResponse): string =>
  JSON.parse(body.map((each) => textCodec.decode(each)).join('')).message;

describe('a lasting token of a service account', () => {
  it('has the day of its last use noted on its Secret', () => {
    const { use, secret } = serverWithToken();
    expect(secret().labels).toBeUndefined();
    expect(use().status).toBe(403);
    const { labels, managedFields } = secret();
    expect(labels).toEqual({ [LAST_USED]: '2026-01-01' });
    expect(managedFields.find(({ manager }: Json) => manager === 'kube-apiserver')).toMatchObject({
      manager: 'kube-apiserver',
      fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, [`f:${LAST_USED}`]: {} } } },
    });
  });

  it('is noted once a day', () => {
    const { use, secret, wait } = serverWithToken();
    use();
    const { resourceVersion } = secret();
    use();
    expect(secret().resourceVersion).toBe(resourceVersion);
    wait(DAY);
    use();
    expect(secret().labels).toEqual({ [LAST_USED]: '2026-01-02' });
  });

  it('lets nobody in once it is marked as invalid, and tells when that was tried', () => {
    const { use, secret, request } = serverWithToken();
    const labels = { 'kubernetes.io/legacy-token-invalid-since': '2025-12-31' };
    request('PATCH', `${SECRETS}/t`, { metadata: { labels } }, MERGE);
    expect(use().status).toBe(401);
    expect(secret().labels).toEqual({ ...labels, [LAST_USED]: '2026-01-01' });
  });

  it('warns its bearer where nobody asked for it', () => {
    const { use, request } = serverWithToken();
    expect(use().headers['warning']).toBeUndefined();
    request('PATCH', ACCOUNT, { secrets: [{ name: 't' }] }, MERGE);
    const answer = use();
    expect(messageOf(answer)).toMatch(/^pods is forbidden/);
    expect(answer.headers['warning']).toEqual([
      '299 - "Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens."',
    ]);
  });
});

describe('the day since which uses are noted', () => {
  const MAPS = '/api/v1/namespaces/kube-system/configmaps';
  const NAME = 'kube-apiserver-legacy-service-account-token-tracking';

  function tracked() {
    const harness = serverWithToken();
    const { request } = harness;
    request('POST', '/api/v1/namespaces', { metadata: { name: 'kube-system' } });
    expect(request('POST', MAPS, { metadata: { name: NAME }, data: { since: '2025-12-24' } }).status).toBe(201);
    return { ...harness, since: () => request('GET', `${MAPS}/${NAME}`).json.data?.since as unknown };
  }

  it('stays, and is put right', () => {
    const { since, request, wait } = tracked();
    wait(DAY);
    expect(since()).toBe('2025-12-24');
    request('PATCH', `${MAPS}/${NAME}`, { data: { since: 'long ago' } }, MERGE);
    wait(seconds(1));
    expect(since()).toBe('2026-01-02');
  });

  it('comes back when it is deleted, half an hour after it was made', () => {
    const { since, request, wait, loop } = tracked();
    request('DELETE', `${MAPS}/${NAME}`);
    wait(minutes(29));
    expect(since()).toBeUndefined();
    wait(minutes(2));
    expect(since()).toBe('2026-01-01');
    expect(loop.now).toBeGreaterThan(HARNESS_START);
  });
});

describe('a token of whoever hosts the cluster', () => {
  const users = new Map([['theirs', { username: 'ann', uid: 'u1', groups: ['dev', 'system:authenticated'] }]]);

  it('is known to reviews for the audience of the API server', () => {
    const { request } = createApiHarness({ hostTokens: { userOf: (token) => users.get(token) } });
    const review = (spec: object): Json =>
      request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec }).json.status;
    const audiences = ['https://kubernetes.default.svc.cluster.local'];
    const user = { username: 'ann', uid: 'u1', groups: ['dev', 'system:authenticated'] };
    expect(review({ token: 'theirs' })).toEqual({ authenticated: true, user, audiences });
    expect(review({ token: 'theirs', audiences: ['vault', ...audiences] })).toEqual({
      authenticated: true,
      user,
      audiences,
    });
    expect(review({ token: 'theirs', audiences: ['vault'] })).toEqual({ user: {}, error: 'invalid bearer token' });
    expect(review({ token: 'others' })).toEqual({ user: {}, error: 'invalid bearer token' });
  });
});
