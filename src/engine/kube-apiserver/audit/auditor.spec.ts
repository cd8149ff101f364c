import { createApiHarness, type HarnessOptions } from '../../../../test/support/engine-harness.js';
import { configMap } from '../../kinds/config-map.js';
import { shownEvent } from './audit-event.js';
import type { AuditLevel, AuditPolicy, AuditPolicyRule } from './audit-policy.js';

const policyOf = (...rules: AuditPolicyRule[]): AuditPolicy => ({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  rules,
});
const all = (level: AuditLevel): AuditPolicy => policyOf({ level });

const MAPS = '/api/v1/namespaces/default/configmaps';
const MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { key: 'value' } };
const TYPED = { kind: 'ConfigMap', apiVersion: 'v1' };

function audited(policy: AuditPolicy | undefined, options: HarnessOptions = {}) {
  const { server, ...rest } = createApiHarness({ ...options, audit: { address: '10.0.0.1' } });
  server.auditor.policy = policy;
  const events = (): Json[] =>
    server.auditor.trail.page({ filter: {}, after: 0, limit: Infinity }).entries.map(({ event }) => shownEvent(event));
  const stages = () => events().map(({ stage }) => stage);
  const last = (): Json => events().at(-1);
  return { server, ...rest, events, stages, last };
}
type Json = ReturnType<typeof JSON.parse>;

describe('an audited request', () => {
  it('is told at its stages, and nothing is without a policy', () => {
    const { request, events } = audited(all('Metadata'));
    request('POST', `${MAPS}?fieldManager=me`, MAP, {
      'user-agent': 'test/1.0',
      'audit-id': 'mine',
      'x-forwarded-for': '192.0.2.1, nonsense',
    });
    const common = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: 'mine',
      requestURI: `${MAPS}?fieldManager=me`,
      verb: 'create',
      user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['192.0.2.1'],
      userAgent: 'test/1.0',
      requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
      stageTimestamp: '2026-01-01T00:00:00.000000Z',
    };
    const reference = { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' };
    expect(events()).toEqual([
      { ...common, stage: 'RequestReceived', objectRef: reference },
      {
        ...common,
        stage: 'ResponseComplete',
        objectRef: { ...reference, name: 'a' },
        responseStatus: { metadata: {}, code: 201 },
        annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
      },
    ]);
    const silent = audited(undefined);
    silent.request('POST', MAPS, MAP);
    expect(silent.events()).toEqual([]);
  });

  it('tells its object and the answer by its level', () => {
    const { server, request, last } = audited(all('Metadata'));
    request('POST', MAPS, MAP);
    expect(last()).not.toHaveProperty('requestObject');
    server.auditor.policy = all('Request');
    request('PUT', `${MAPS}/a`, { ...MAP, data: { key: 'other' } });
    expect(last().requestObject).toMatchObject({ ...TYPED, data: { key: 'other' } });
    expect(last()).not.toHaveProperty('responseObject');
    server.auditor.policy = all('RequestResponse');
    request('GET', `${MAPS}/a`);
    expect(last().responseObject).toMatchObject({ ...TYPED, metadata: { name: 'a', uid: expect.any(String) } });
    request('PATCH', `${MAPS}/a`, { data: { more: 'x' } }, { 'content-type': 'application/merge-patch+json' });
    expect(last().requestObject).toEqual({ data: { more: 'x' } });
    expect(last().responseObject.data).toEqual({ key: 'other', more: 'x' });
    const applied = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n';
    request('PATCH', `${MAPS}/b?fieldManager=x`, applied, { 'content-type': 'application/apply-patch+yaml' });
    expect(last().requestObject).toEqual({ ...TYPED, metadata: { name: 'b' } });
    request('DELETE', `${MAPS}/a`, { propagationPolicy: 'Background' });
    expect(last().requestObject).toEqual({
      kind: 'DeleteOptions',
      apiVersion: 'meta.k8s.io/__internal',
      propagationPolicy: 'Background',
    });
    expect(last().responseStatus).toMatchObject({ metadata: {}, status: 'Success', code: 200 });
  });

  it('is told without managers where the policy says so, in lists and tables, too', () => {
    const { server, request, last } = audited(policyOf({ level: 'RequestResponse', omitManagedFields: true }));
    request('POST', MAPS, MAP);
    expect(last().responseObject.metadata).not.toHaveProperty('managedFields');
    request('GET', MAPS);
    expect(last().responseObject.items[0].metadata).toMatchObject({ name: 'a' });
    expect(JSON.stringify(last())).not.toContain('managedFields');
    request('GET', MAPS, undefined, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' });
    expect(last().responseObject.kind).toBe('Table');
    expect(JSON.stringify(last())).not.toContain('managedFields');
    server.auditor.policy = { ...all('RequestResponse'), omitManagedFields: true };
    request('GET', `${MAPS}/a`);
    expect(JSON.stringify(last())).not.toContain('managedFields');
    server.auditor.policy = all('RequestResponse');
    request('GET', `${MAPS}/a`);
    expect(JSON.stringify(last())).toContain('managedFields');
  });

  it('is told with what was wrong with it', () => {
    const { request, last } = audited(all('Metadata'));
    request('GET', `${MAPS}/none`);
    expect(last().responseStatus).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'configmaps "none" not found',
      reason: 'NotFound',
      details: { name: 'none', kind: 'configmaps' },
      code: 404,
    });
    request('GET', '/nowhere');
    expect(last()).toMatchObject({ verb: 'get', responseStatus: { code: 404 } });
    expect(last()).not.toHaveProperty('objectRef');
  });

  it('that is refused says so, and by whom it was really sent', () => {
    const { request, events, last } = audited(all('Metadata'));
    request('GET', MAPS, undefined, { 'Impersonate-User': 'alice', 'Impersonate-Group': 'dev' });
    expect(events()[0]).toMatchObject({ stage: 'RequestReceived', user: { username: 'kubernetes-admin' } });
    expect(last()).toMatchObject({
      user: { username: 'kubernetes-admin' },
      impersonatedUser: { username: 'alice', groups: ['dev', 'system:authenticated'] },
      responseStatus: { reason: 'Forbidden', code: 403 },
      annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' },
    });
  });

  it('by nobody is told once, with the refusal', () => {
    const { server, events } = audited(all('Metadata'));
    const nobody = { username: '', groups: [] };
    const reply = { respond: () => undefined, stream: () => ({ write: () => undefined, end: () => undefined }) };
    const rest = { query: '', headers: {}, body: new Uint8Array() };
    server.handle({ method: 'GET', path: MAPS, ...rest, user: nobody, token: 'forged' }, reply);
    server.handle({ method: 'GET', path: MAPS, ...rest, user: nobody, isStranger: true }, reply);
    const refusal = { message: 'Unauthorized', code: 401 };
    const told = { stage: 'ResponseStarted', user: {}, responseStatus: refusal };
    expect(events()).toMatchObject([told, told]);
  });

  it('that lasts is told when its answer begins and when it ends', () => {
    const { server, stages, last } = audited(all('RequestResponse'));
    const watch = (end: (call: { cancel(): void }) => void): void => {
      const request = { method: 'GET', path: MAPS, query: 'watch=true', headers: {}, body: new Uint8Array() };
      const user = { username: 'root', groups: ['system:masters'] };
      const stream = { write: () => undefined, end: () => undefined };
      const call = server.handle({ ...request, user }, { respond: () => undefined, stream: () => stream });
      end(call);
    };
    watch((call) => {
      expect(stages()).toEqual(['RequestReceived', 'ResponseStarted']);
      call.cancel();
      call.cancel();
    });
    expect(stages()).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
    expect(last()).toMatchObject({ verb: 'watch', responseStatus: { code: 200 } });
    expect(last()).not.toHaveProperty('responseObject');
  });

  it('that lasts below HTTP is told in the same way, and refused as well', () => {
    const { server, stages, events, last } = audited(all('Metadata'));
    const seen: unknown[] = [];
    const sink = { event: (event: unknown) => seen.push(event), error: (status: unknown) => seen.push(status) };
    const call = server.watch({ kind: configMap, namespace: 'default', labelSelector: 'a=b' }, sink);
    expect(stages()).toEqual(['RequestReceived', 'ResponseStarted']);
    call.cancel();
    expect(last()).toMatchObject({
      stage: 'ResponseComplete',
      verb: 'watch',
      requestURI: `${MAPS}?watch=true&labelSelector=a%3Db`,
      user: { username: 'kubernetes-admin' },
      responseStatus: { code: 200 },
    });
    server.watch({ kind: configMap, labelSelector: '!!' }, sink);
    expect(events().slice(3)).toMatchObject([
      { stage: 'RequestReceived' },
      { stage: 'ResponseStarted', responseStatus: { code: 400, reason: 'BadRequest' } },
      { stage: 'ResponseComplete', responseStatus: { code: 400 } },
    ]);
  });

  it('that the server itself fails at is told at a stage of its own', () => {
    const bug = (): never => {
      throw new Error('out of order');
    };
    const { server, stages, last } = audited(all('Metadata'), { authorizer: { authorize: bug, rulesFor: bug } });
    const request = { method: 'GET', path: MAPS, query: '', headers: {}, body: new Uint8Array() };
    const reply = { respond: () => undefined, stream: () => ({ write: () => undefined, end: () => undefined }) };
    const user = { username: 'alice', groups: [] };
    expect(() => server.handle({ ...request, user }, reply)).toThrow('out of order');
    expect(stages()).toEqual(['RequestReceived', 'Panic']);
    expect(last().responseStatus).toEqual({
      metadata: {},
      status: 'Failure',
      message: "APIServer panic'd: Error: out of order",
      reason: 'InternalError',
      code: 500,
    });
  });

  it('is told at no stage that the policy or the rule leaves out', () => {
    const rule = { level: 'Metadata', omitStages: ['ResponseComplete'] } as const;
    const { request, stages } = audited({ ...policyOf(rule), omitStages: ['RequestReceived'] });
    request('GET', MAPS);
    expect(stages()).toEqual([]);
  });

  it('without its bodies where they are too large, which is told', () => {
    const { request, last } = audited(all('RequestResponse'));
    request('POST', MAPS, { ...MAP, data: { key: 'x'.repeat(600_000) } });
    expect(last()).not.toHaveProperty('requestObject');
    expect(last().annotations).toMatchObject({ 'audit.k8s.io/truncated': 'true' });
  });

  it('of a deprecated kind says so', () => {
    const { request, last } = audited(all('Metadata'));
    request('GET', '/api/v1/namespaces/default/endpoints');
    expect(last().annotations).toMatchObject({ 'k8s.io/deprecated': 'true' });
  });

  it('tells what pod security would say', () => {
    const { request, last } = audited(all('Metadata'));
    const labels = { 'pod-security.kubernetes.io/audit': 'restricted' };
    request(
      'PATCH',
      '/api/v1/namespaces/default',
      { metadata: { labels } },
      { 'content-type': 'application/merge-patch+json' },
    );
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    expect(request('POST', '/api/v1/namespaces/default/pods', pod).status).toBe(201);
    expect(last().annotations).toMatchObject({
      'pod-security.kubernetes.io/enforce-policy': 'privileged:latest',
      'pod-security.kubernetes.io/audit-violations': expect.stringMatching(
        /^would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false/,
      ),
    });
  });
});

describe('a call of a component', () => {
  const user = { username: 'system:kube-controller-manager', groups: ['system:authenticated'] };
  const call = { user, fieldManager: 'kube-controller-manager', kind: configMap };

  it('is told as a request of its user', () => {
    const { server, events, last } = audited(all('RequestResponse'));
    server.resources.call(
      { ...call, verb: 'create', namespace: 'default', object: { metadata: { name: 'a' } } },
      () => undefined,
    );
    expect(events()).toHaveLength(2);
    expect(last()).toMatchObject({
      verb: 'create',
      requestURI: MAPS,
      user,
      sourceIPs: ['10.0.0.1'],
      userAgent: expect.stringMatching(/^kube-controller-manager\/v1\.35\.2 \(linux\/amd64\) kubernetes\//),
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
      requestObject: { ...TYPED, metadata: { name: 'a' } },
      responseObject: { ...TYPED, metadata: { name: 'a', uid: expect.any(String) } },
      responseStatus: { code: 201 },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    });
    server.resources.call({ ...call, verb: 'delete', key: 'default/none' }, () => undefined);
    expect(last()).toMatchObject({
      verb: 'delete',
      requestURI: `${MAPS}/none`,
      responseStatus: { reason: 'NotFound', code: 404 },
    });
  });

  it('leaves the same history whether it is told or not', () => {
    const history = (policy: AuditPolicy | undefined): unknown => {
      const { server, request, loop } = audited(policy);
      request('POST', MAPS, { ...MAP, metadata: { generateName: 'x-' } });
      server.resources.call(
        { ...call, verb: 'create', namespace: 'default', object: { metadata: { generateName: 'y-' } } },
        () => undefined,
      );
      return [request('GET', MAPS).text, loop.random.state];
    };
    expect(history(all('RequestResponse'))).toEqual(history(undefined));
  });
});
