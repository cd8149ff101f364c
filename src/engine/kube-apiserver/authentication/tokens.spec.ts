import { createApiHarness, textCodec } from '../../../../test/support/engine-harness.js';
import { decodeBase64Url, encodeBase64Url } from '../../machinery/base64.js';
import { seconds, after } from '../../kernel/clock.js';
import { fakeTokenKeys as fakeKeys } from '../../../../test/support/fake-token-keys.js';

const TOKEN = '/api/v1/namespaces/default/serviceaccounts/default/token';
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const API_AUDIENCE = 'https://kubernetes.default.svc.cluster.local';

function serverWithTokens(keys = fakeKeys()) {
  const harness = createApiHarness({ tokenKeys: keys });
  const issue = (spec: object = {}): string => harness.request('POST', TOKEN, { spec }).json.status.token;
  const review = (token: string, audiences: readonly string[] = []) =>
    harness.request('POST', REVIEWS, { spec: { token, audiences } }).json.status;
  const wait = (length: number) => harness.loop.run(after(harness.loop.now, seconds(length)), () => true);
  return { ...harness, issue, review, wait };
}

const partsOf = (token: string): readonly [Record<string, unknown>, Record<string, unknown>, string] => {
  const [head = '', body = '', tail = ''] = token.split('.');
  const read = (part: string) => JSON.parse(textCodec.decode(decodeBase64Url(part).bytes!)) as Record<string, unknown>;
  return [read(head), read(body), tail];
};
const encoded = (part: object): string => encodeBase64Url(textCodec.encode(JSON.stringify(part)));

describe('a service-account token', () => {
  it('says whose it is', () => {
    const { issue, review } = serverWithTokens();
    const { authenticated, user, audiences } = review(issue());
    expect([authenticated, audiences]).toEqual([true, [API_AUDIENCE]]);
    expect(user).toMatchObject({
      username: 'system:serviceaccount:default:default',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    });
  });

  it('ends by the clock of the cluster, a minute of leeway later', () => {
    const { issue, review, wait } = serverWithTokens();
    const token = issue({ expirationSeconds: 600 });
    wait(659);
    expect(review(token).authenticated).toBe(true);
    wait(2);
    expect(review(token)).toEqual({ user: {}, error: '[invalid bearer token, service account token has expired]' });
  });

  it('is for its audiences only', () => {
    const { issue, review } = serverWithTokens();
    const token = issue({ audiences: ['vault', 'other'] });
    expect(review(token, ['vault'])).toMatchObject({ authenticated: true, audiences: ['vault'] });
    expect(review(token).error).toBe(
      `[invalid bearer token, token audiences ["vault" "other"] is invalid for the target audiences ["${API_AUDIENCE}"]]`,
    );
  });

  it('is bound to nothing whose name could not be a part of a path', () => {
    const { request } = serverWithTokens();
    const spec = { audiences: [], boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'a/b' } };
    const answer = request('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', { spec });
    expect([answer.status, answer.json.message]).toEqual([400, 'Name parameter invalid: "a/b": may not contain \'/\'']);
  });

  it('dies with its account, and with what it is bound to, even where another of the same name comes', () => {
    const { request, issue, review } = serverWithTokens();
    const SECRET = '/api/v1/namespaces/default/secrets';
    request('POST', SECRET, { metadata: { name: 's' } });
    const bound = issue({ boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 's' } });
    const free = issue();
    expect([review(bound).authenticated, review(free).authenticated]).toEqual([true, true]);
    request('DELETE', `${SECRET}/s`);
    expect(review(bound).error).toBe('[invalid bearer token, service account token has been invalidated]');
    request('POST', SECRET, { metadata: { name: 's' } });
    expect(review(bound).error).toMatch(/^\[invalid bearer token, Secret UID \(.*\) does not match service account/);
    request('DELETE', '/api/v1/namespaces/default/serviceaccounts/default');
    expect(review(free).error).toBe('[invalid bearer token, serviceaccounts "default" not found]');
    request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
    expect(review(free).error).toMatch(/^\[invalid bearer token, service account UID \(.*\) does not match claim/);
  });

  it('cannot be forged', () => {
    const { issue, review } = serverWithTokens();
    const [header, claims, signature] = partsOf(issue());
    const masters = { ...claims, sub: 'system:serviceaccount:kube-system:admin' };
    const forged = [
      `${encoded({ ...header, alg: 'none' })}.${encoded(claims)}.`,
      `${encoded({ ...header, alg: 'none' })}.${encoded(claims)}.${signature}`,
      `${encoded({ ...header, alg: 'HS256' })}.${encoded(claims)}.${signature}`,
      `${encoded(header)}.${encoded(masters)}.${signature}`,
      `${encoded({ ...header, kid: 'another' })}.${encoded(claims)}.${signature}`,
      `${encoded({ ...header, crit: ['x'] })}.${encoded(claims)}.${signature}`,
      `${encoded(header)}.${encoded(claims)}.${signature}.${signature}`,
      `${encoded(header)}.${encoded([])}.${signature}`,
      `${encoded(header)}.e30.AAAA`,
      'a.b.c',
    ];
    for (const token of forged) expect([token, review(token).authenticated]).toEqual([token, undefined]);
  });

  it('of a twin cluster with another key is nothing', () => {
    const { issue } = serverWithTokens(fakeKeys('two'));
    const { review } = serverWithTokens();
    const [header, claims, signature] = partsOf(issue());
    expect(review(issue()).authenticated).toBeUndefined();
    const renamed = `${encoded({ ...header, kid: 'key-one' })}.${encoded(claims)}.${signature}`;
    expect(review(renamed).authenticated).toBeUndefined();
  });

  it('is published for others to check', () => {
    const { request } = serverWithTokens();
    const { keys } = request('GET', '/openid/v1/jwks').json;
    expect(keys).toEqual([{ use: 'sig', kty: 'RSA', kid: 'key-one', alg: 'RS256', n: 'n', e: 'AQAB' }]);
    expect(request('GET', '/.well-known/openid-configuration').json.issuer).toBe(API_AUDIENCE);
  });
});

describe('a bootstrap token', () => {
  const data = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' };
  const SECRETS = '/api/v1/namespaces/kube-system/secrets';
  const TEXT = 'abcdef.0123456789abcdef';

  function serverWithSecret(more: Record<string, string> = {}) {
    const server = serverWithTokens();
    server.request('POST', '/api/v1/namespaces', { metadata: { name: 'kube-system' } });
    const metadata = { name: 'bootstrap-token-abcdef' };
    const stringData = { ...data, ...more };
    server.request('POST', SECRETS, { metadata, type: 'bootstrap.kubernetes.io/token', stringData });
    return server;
  }

  it('says whose it is', () => {
    const { review } = serverWithSecret({ 'auth-extra-groups': 'system:bootstrappers:b,system:bootstrappers:a' });
    expect(review(TEXT).user).toEqual({
      username: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:b', 'system:authenticated'],
    });
  });

  it('ends by the clock of the cluster', () => {
    const { review, wait } = serverWithSecret({ expiration: '2026-01-01T01:00:00Z' });
    expect(review(TEXT).authenticated).toBe(true);
    wait(3_600);
    expect(review(TEXT).authenticated).toBeUndefined();
  });

  it.each([
    { 'usage-bootstrap-authentication': 'false' },
    { 'token-secret': '0123456789abcdee' },
    { 'token-id': 'abcdee' },
    { 'auth-extra-groups': 'system:masters' },
    { expiration: 'never' },
  ])('is nothing with %j', (more) => {
    expect(serverWithSecret(more as Record<string, string>).review(TEXT)).toEqual({
      user: {},
      error: 'invalid bearer token',
    });
  });
});
