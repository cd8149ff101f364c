import { fakeTokenKeys } from '../../../../../test/support/fake-token-keys.js';
import { patchOf, rulesFor, webhookHarness } from '../../../../../test/support/webhook-harness.js';

const PODS = '/api/v1/namespaces/default/pods';
const TOKEN = '/api/v1/namespaces/default/serviceaccounts/default/token';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };

describe('a request for a token', () => {
  const rules = rulesFor(['serviceaccounts/token']);

  it('is shown as one, and is what webhooks make of it', () => {
    const { request, configure, records } = webhookHarness(
      {
        a: () => patchOf([{ op: 'replace', path: '/spec/expirationSeconds', value: 700 }]),
        b: () => ({ allowed: true }),
      },
      { tokenKeys: fakeTokenKeys() },
    );
    configure('Mutating', ['a'], rules);
    configure('Validating', ['b'], rules);
    const { status, json } = request('POST', TOKEN, { spec: { audiences: ['vault'] } });
    expect([status, json.spec]).toMatchObject([201, { audiences: ['vault'], expirationSeconds: 700 }]);
    expect(records[0]?.request).toMatchObject({
      kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
      resource: { group: '', version: 'v1', resource: 'serviceaccounts' },
      subResource: 'token',
      name: 'default',
      object: { spec: { audiences: ['vault'], expirationSeconds: 3_600 } },
    });
    // Whose it is stands in it only once the server has looked.
    expect(records[0]?.request.object.metadata).not.toHaveProperty('uid');
    expect(records[1]?.request.object.metadata).toMatchObject({ name: 'default', uid: expect.any(String) });
  });

  it('is refused by a webhook, or before it is asked', () => {
    const { request, configure, asked } = webhookHarness(
      { a: () => ({ allowed: false }) },
      { tokenKeys: fakeTokenKeys() },
    );
    configure('Validating', ['a'], rules);
    expect(request('POST', TOKEN, { spec: {} }).status).toBe(400);
    expect(request('POST', TOKEN, { spec: { expirationSeconds: 5 } }).status).toBe(422);
    expect(asked).toHaveLength(1);
  });
});

describe('another look at an object', () => {
  const pod = {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] },
  };

  it.each([
    ['pods', 'ephemeralcontainers', STRATEGIC, { spec: { ephemeralContainers: [{ name: 'd', image: 'i' }] } }],
    ['pods', 'resize', STRATEGIC, { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '2' } } }] } }],
    ['pods', 'status', MERGE, { status: { message: 'hm' } }],
  ])('%s/%s is asked about by its own name, and shows the whole object', (resource, subresource, headers, patch) => {
    const { request, configure, records } = webhookHarness({ a: () => ({ allowed: false }) });
    request('POST', PODS, pod);
    configure('Validating', ['a'], rulesFor([`${resource}/${subresource}`]));
    request('PATCH', `${PODS}/p`, { metadata: { labels: { a: 'b' } } }, MERGE);
    expect(records).toEqual([]);
    const { status, json } = request('PATCH', `${PODS}/p/${subresource}`, patch, headers);
    expect([status, json.message]).toEqual([
      400,
      'admission webhook "a.example.com" denied the request without explanation',
    ]);
    expect(records[0]?.request).toMatchObject({
      operation: 'UPDATE',
      kind: { kind: 'Pod' },
      subResource: subresource,
      requestSubResource: subresource,
      object: { kind: 'Pod', metadata: { labels: { a: 'b' } }, ...patch },
      oldObject: { kind: 'Pod', spec: { containers: [{ name: 'c' }] } },
    });
  });

  it('may be changed by a webhook, as far as it can change anything', () => {
    const { request, configure } = webhookHarness({
      a: () =>
        patchOf([
          { op: 'add', path: '/status/reason', value: 'Hook' },
          { op: 'add', path: '/spec/nodeName', value: 'elsewhere' },
        ]),
    });
    request('POST', PODS, pod);
    configure('Mutating', ['a'], rulesFor(['pods/status']));
    const { json } = request('PATCH', `${PODS}/p/status`, { status: { message: 'hm' } }, MERGE);
    expect([json.status.reason, json.status.message, json.spec.nodeName]).toEqual(['Hook', 'hm', undefined]);
  });

  it('of a namespace is its end', () => {
    const { request, configure, records } = webhookHarness({ a: () => ({ allowed: true }) });
    request('POST', '/api/v1/namespaces', { metadata: { name: 'n' } });
    configure('Validating', ['a'], rulesFor(['namespaces/finalize']));
    const body = { metadata: { name: 'n' }, spec: { finalizers: [] } };
    expect(request('PUT', '/api/v1/namespaces/n/finalize', body).status).toBe(200);
    expect(records[0]?.request).toMatchObject({ kind: { kind: 'Namespace' }, subResource: 'finalize', namespace: 'n' });
  });
});
