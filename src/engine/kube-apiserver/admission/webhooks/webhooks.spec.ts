import {
  configMapOf as map,
  CONFIG_MAPS,
  patchOf,
  webhookHarness as clusterWith,
} from '../../../../../test/support/webhook-harness.js';
import type { Json } from '../../../../../test/support/engine-harness.js';

describe('mutating webhooks', () => {
  it('change what is stored, one after another', () => {
    const { request, configure, asked } = clusterWith({
      a: () => patchOf([{ op: 'add', path: '/data/b', value: '2' }]),
      b: ({ object }) => patchOf([{ op: 'add', path: '/data/c', value: object.data.b }]),
    });
    configure('Mutating', ['a', 'b']);
    expect(request('POST', CONFIG_MAPS, map()).json.data).toEqual({ a: '1', b: '2', c: '2' });
    expect(asked).toEqual(['a', 'b']);
  });

  it('are asked again where others changed what they saw', () => {
    const { request, configure, asked } = clusterWith({
      a: ({ object }) =>
        object.data.b === undefined
          ? { allowed: true }
          : patchOf([{ op: 'add', path: '/data/seen', value: object.data.b }]),
      b: () => patchOf([{ op: 'add', path: '/data/b', value: '2' }]),
    });
    configure('Mutating', ['a', 'b'], { reinvocationPolicy: 'IfNeeded' });
    expect(request('POST', CONFIG_MAPS, map()).json.data).toEqual({ a: '1', b: '2', seen: '2' });
    // The second round is whole: what the first webhook changes now, the others see again.
    expect(asked).toEqual(['a', 'b', 'a', 'b']);
  });

  it('may not patch what is deleted', () => {
    const { request, configure } = clusterWith({
      a: ({ operation }) =>
        operation === 'DELETE' ? patchOf([{ op: 'add', path: '/x', value: 1 }]) : { allowed: true },
    });
    configure('Mutating', ['a']);
    request('POST', CONFIG_MAPS, map());
    expect(request('DELETE', `${CONFIG_MAPS}/m`).json.message).toBe(
      'Internal error occurred: admission webhook "a.example.com" attempted to modify the object, which is not supported for this operation',
    );
  });
});

describe('validating webhooks', () => {
  it('refuse in words of their own', () => {
    const { request, configure } = clusterWith({
      a: () => ({ allowed: false, status: { message: 'no', code: 418, reason: 'Teapot' } }),
    });
    configure('Validating', ['a']);
    const { status, json } = request('POST', CONFIG_MAPS, map());
    expect([status, json.reason, json.message]).toEqual([
      418,
      'Teapot',
      'admission webhook "a.example.com" denied the request: no',
    ]);
  });

  it('see the old and the new object, who asks, and what for', () => {
    const seen: Json[] = [];
    const { request, configure } = clusterWith({
      a: (asked) => (seen.push(asked), { allowed: true, warnings: ['careful'] }),
    });
    request('POST', CONFIG_MAPS, map());
    configure('Validating', ['a']);
    const { headers } = request('PUT', `${CONFIG_MAPS}/m`, map({ data: { a: '2' } }));
    expect(headers['warning']).toEqual(['299 - "careful"']);
    expect(seen).toEqual([
      expect.objectContaining({
        operation: 'UPDATE',
        name: 'm',
        namespace: 'default',
        kind: { group: '', version: 'v1', kind: 'ConfigMap' },
        resource: { group: '', version: 'v1', resource: 'configmaps' },
        object: expect.objectContaining({ data: { a: '2' } }),
        oldObject: expect.objectContaining({ data: { a: '1' } }),
        userInfo: expect.objectContaining({ username: 'kubernetes-admin' }),
        dryRun: false,
      }),
    ]);
  });

  it('hold a request until the last of them has answered', () => {
    const { configure, later, server, request } = clusterWith({
      a: () => ({ allowed: true, isLate: true }),
      b: () => ({ allowed: false }),
    });
    configure('Validating', ['a', 'b']);
    expect(() => request('POST', CONFIG_MAPS, map())).toThrow();
    expect(later).toHaveLength(1);
    later.forEach((settle) => settle());
    expect(server.outside.pendingCount).toBe(0);
  });

  it('that cannot be reached refuse, unless they may be ignored', () => {
    const { request, configure } = clusterWith({
      a: () => ({ fault: 'context deadline exceeded' }),
      b: () => ({ fault: 'EOF' }),
    });
    configure('Validating', ['b'], { failurePolicy: 'Ignore' });
    expect(request('POST', `${CONFIG_MAPS}?dryRun=All`, map()).status).toBe(201);
    configure('Validating', ['a'], { timeoutSeconds: 1 });
    const { status, json } = request('POST', CONFIG_MAPS, map());
    expect([status, json.message]).toEqual([
      500,
      'Internal error occurred: failed calling webhook "a.example.com": failed to call webhook: Post "https://127.0.0.1:9/a?timeout=1s": context deadline exceeded',
    ]);
  });

  it('answer what was asked', () => {
    const { request, configure } = clusterWith({ a: () => ({ allowed: true, uid: 'x' }) });
    configure('Validating', ['a']);
    expect(request('POST', CONFIG_MAPS, map()).json.message).toMatch(
      /received invalid webhook response: expected response\.uid="[-0-9a-f]{36}", got "x"$/,
    );
  });

  it('with effects are no part of a dry run', () => {
    const { request, configure } = clusterWith({});
    configure('Validating', ['a'], { sideEffects: 'NoneOnDryRun' });
    expect(request('POST', `${CONFIG_MAPS}?dryRun=All`, map()).status).toBe(201);
  });

  it('are asked where their conditions hold', () => {
    const { request, configure, asked } = clusterWith({});
    configure('Validating', ['a'], { matchConditions: [{ name: 'x', expression: "object.data.a == '2'" }] });
    request('POST', CONFIG_MAPS, map());
    expect(asked).toEqual([]);
    expect(request('POST', CONFIG_MAPS, { metadata: { name: 'n' } }).json.message).toBe(
      `configmaps "n" is forbidden: expression 'object.data.a == '2'' resulted in error: no such key: data`,
    );
  });

  it('never judge what configures them', () => {
    const { configure, asked } = clusterWith({ a: () => ({ allowed: false }) });
    const rules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }];
    configure('Validating', ['a'], { rules });
    configure('Validating', ['b'], { rules });
    expect(asked).toEqual([]);
  });

  it('behind a service are called where the cluster sends it', () => {
    const clientConfig = { service: { namespace: 'ops', name: 'hook', path: '/a' } };
    const { request, configure, asked } = clusterWith({}, { services: { 'ops/hook': 'https://127.0.0.1:1234' } });
    configure('Validating', ['a'], { clientConfig });
    request('POST', CONFIG_MAPS, map());
    expect(asked).toEqual(['a']);
    const other = clusterWith({});
    other.configure('Validating', ['a'], { clientConfig });
    expect(other.request('POST', CONFIG_MAPS, map()).json.message).toMatch(
      /Post "https:\/\/hook\.ops\.svc:443\/a\?timeout=10s": service "hook" not found$/,
    );
  });
});
