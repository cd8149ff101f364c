import { createApiHarness, type HarnessAnswer, type Json } from '../../../test/support/engine-harness.js';
import { instant } from '../kernel/clock.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';
const TEMPLATES = '/api/v1/namespaces/default/podtemplates';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const POD_SPEC = { containers: [{ name: 'c', image: 'i' }] };

const told = ({ status, json }: HarnessAnswer): unknown => [status, json.message];

describe('what a real server does, and few expect: writes', () => {
  it.each(['Strict', 'Warn', 'Ignore'])('an unknown applied field is 500, validated as %s or not', (validation) => {
    const { request } = createApiHarness();
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, spec: { x: 1 } };
    const query = `?fieldManager=m&fieldValidation=${validation}`;
    expect(told(request('PATCH', `${MAPS}/c${query}`, body, APPLY))).toEqual([
      500,
      'failed to create typed patch object (default/c; /v1, Kind=ConfigMap): .spec: field not declared in schema',
    ]);
  });

  it('an item of a strategic merge without its key is 500', () => {
    const { request } = createApiHarness();
    request('POST', TEMPLATES, { metadata: { name: 't' }, template: { spec: POD_SPEC } });
    const patch = { template: { spec: { containers: [{ image: 'j' }] } } };
    expect(told(request('PATCH', `${TEMPLATES}/t`, patch, STRATEGIC))).toEqual([
      500,
      'map: map[image:j] does not contain declared merge key: name',
    ]);
  });

  it('a version that is no number is 500 in reads of one object and in updates, 400 in lists', () => {
    const { request } = createApiHarness();
    request('POST', MAPS, { metadata: { name: 'c' } });
    const update = { metadata: { name: 'c', resourceVersion: 'x' } };
    expect(request('GET', `${MAPS}/c?resourceVersion=x`).status).toBe(500);
    expect(request('PUT', `${MAPS}/c`, update).status).toBe(500);
    expect(request('GET', `${MAPS}?resourceVersion=x`).status).toBe(400);
  });

  it.each([
    [[{ op: 'test', path: '/data/a', value: 'other' }]],
    [[{ op: 'remove', path: '/data/missing' }]],
    [[{ op: 'replace', path: '/nowhere/at/all', value: 1 }]],
  ])('the JSON patch %j that does not go is 422 without a reason', (patch) => {
    const { request } = createApiHarness();
    request('POST', MAPS, { metadata: { name: 'c' }, data: { a: '1' } });
    expect(told(request('PATCH', `${MAPS}/c`, patch, JSON_PATCH))).toEqual([
      422,
      'the server rejected our request due to an error in our request',
    ]);
  });

  it('a message says a thing once, its causes as often as it was found; those of a map are sorted', () => {
    const { request } = createApiHarness();
    request('POST', MAPS, { metadata: { name: 'c' } });
    const { json } = request('PATCH', `${MAPS}/c`, { metadata: { finalizers: ['bad'] } }, MERGE);
    const fault =
      'metadata.finalizers[0]: Invalid value: "bad": name is neither a standard finalizer name nor is it fully qualified';
    expect(json.message).toBe(`ConfigMap "c" is invalid: ${fault}`);
    expect(json.details.causes).toHaveLength(2);
    const keys = request('POST', MAPS, { metadata: { name: 'd' }, data: { '%b': '', '%a': '' } }).json.details.causes;
    expect(keys.map(({ field }: Json) => field)).toEqual(['data[%a]', 'data[%b]']);
  });

  const services = '/api/v1/namespaces/default/services';
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' };
  it.each<[string, Json, number]>([
    [services, { spec: { clusterIP: 'None', ports: [{ port: 80 }] } }, 201],
    ['/api/v1/namespaces/default/limitranges', { spec: { limits: [] } }, 201],
    ['/apis/coordination.k8s.io/v1/namespaces/default/leases', {}, 201],
    [`${rbac}/namespaces/default/roles`, {}, 201],
    [`${rbac}/namespaces/default/rolebindings`, { roleRef }, 201],
    [`${rbac}/clusterrolebindings`, { roleRef }, 201],
    [MAPS, {}, 404],
    [SECRETS, {}, 404],
    [
      '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
      { spec: { defaultBackend: { service: { name: 's', port: { number: 1 } } } } },
      404,
    ],
  ])('PUT of what is not there, below %s, makes it or is 404', (path, body, status) => {
    const { request } = createApiHarness();
    expect(request('PUT', `${path}/x`, { metadata: { name: 'x' }, ...body }).status).toBe(status);
  });

  it('a Job that is deleted without a word on its pods warns', () => {
    const { request } = createApiHarness();
    const jobs = '/apis/batch/v1/namespaces/default/jobs';
    const template = { spec: { ...POD_SPEC, restartPolicy: 'Never' } };
    const make = () => request('POST', jobs, { metadata: { name: 'j' }, spec: { template } });
    make();
    const { headers } = request('DELETE', `${jobs}/j`);
    expect(String(headers['warning'])).toContain('child pods are preserved by default when jobs are deleted');
    make();
    expect(request('DELETE', `${jobs}/j?propagationPolicy=Background`).headers['warning']).toBeUndefined();
  });

  it('a Deployment grows a generation with its annotations, too', () => {
    const { request } = createApiHarness();
    const labels = { app: 'web' };
    const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: POD_SPEC } };
    request('POST', DEPLOYMENTS, { metadata: { name: 'd' }, spec });
    const change = (metadata: Json): number =>
      request('PATCH', `${DEPLOYMENTS}/d`, { metadata }, MERGE).json.metadata.generation;
    expect([change({ labels: { l: '1' } }), change({ annotations: { a: '1' } })]).toEqual([1, 2]);
  });

  it('managers stand in the order of seconds, then of names', () => {
    const { request, loop } = createApiHarness();
    request('POST', `${MAPS}?fieldManager=zoe`, { metadata: { name: 'c' }, data: { a: '1' } });
    const label = (manager: string): Json =>
      request('PATCH', `${MAPS}/c?fieldManager=${manager}`, { metadata: { labels: { [manager]: '1' } } }, MERGE).json;
    label('bob');
    loop.run(instant(loop.now + 1_000), () => true);
    const { metadata } = label('ann');
    expect(metadata.managedFields.map(({ manager }: Json) => manager)).toEqual(['bob', 'zoe', 'ann']);
  });

  it("an applied Secret's stringData stays owned by its name", () => {
    const { request } = createApiHarness();
    const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: '1' } };
    const { json } = request('PATCH', `${SECRETS}/s?fieldManager=m`, body, APPLY);
    expect([json.data, json.stringData]).toEqual([{ a: 'MQ==' }, undefined]);
    expect(json.metadata.managedFields[0].fieldsV1).toEqual({ 'f:stringData': { 'f:a': {} } });
  });

  it.each([
    ['1000', '1k'],
    ['0.1Gi', '107374182400m'],
    ['16Ei', '9223372036854775807'],
  ])('the quantity %s reads %s', (given, shown) => {
    const { request } = createApiHarness();
    const quotas = '/api/v1/namespaces/default/resourcequotas';
    const { json } = request('POST', quotas, { metadata: { name: 'q' }, spec: { hard: { memory: given } } });
    expect(json.spec.hard.memory).toBe(shown);
  });

  it.each([
    ['2026-01-01T00:00:00.000000Z', 201],
    ['2026-01-01T00:00:00Z', 400],
    ['2026-01-01T00:00:00.5Z', 400],
  ])('the time %s of a Lease is answered by %i, for it needs six decimals', (renewTime, status) => {
    const { request } = createApiHarness();
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
    expect(request('POST', leases, { metadata: { name: 'l' }, spec: { renewTime } }).status).toBe(status);
  });
});

describe('what a real server does, and few expect: paths and reads', () => {
  it.each(['HEAD', 'OPTIONS'])('%s is not allowed', (method) => {
    const { request } = createApiHarness();
    expect([request(method, MAPS).status, request(method, `${MAPS}/c`).status]).toEqual([405, 405]);
  });

  it('an unknown group is a text, an unknown version or resource a Status', () => {
    const { request } = createApiHarness();
    expect(request('GET', '/apis/absent.example.com/v1')).toMatchObject({ status: 404, text: '404 page not found\n' });
    for (const path of ['/apis/apps/v9', '/apis/apps/v1/absents', '/api/v1/absents']) {
      expect(request('GET', path)).toMatchObject({ status: 404, json: { kind: 'Status', reason: 'NotFound' } });
    }
  });

  it('?watch on the path of one object gives the object', () => {
    const { request } = createApiHarness();
    request('POST', MAPS, { metadata: { name: 'c' } });
    expect(request('GET', `${MAPS}/c?watch=1`).json).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'c' } });
  });

  it('a bookmark of a watch from 0 ends the initial events', () => {
    const { request, server, loop } = createApiHarness();
    request('POST', MAPS, { metadata: { name: 'c' } });
    const chunks: string[] = [];
    const decoder = new TextDecoder();
    const call = server.handle(
      {
        method: 'GET',
        path: MAPS,
        query: 'watch=1&resourceVersion=0&allowWatchBookmarks=true',
        headers: {},
        body: new Uint8Array(),
        user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
        impersonation: undefined,
      },
      {
        respond: () => undefined,
        stream: () => ({ write: (chunk) => void chunks.push(decoder.decode(chunk)), end: () => undefined }),
      },
    );
    request('POST', MAPS, { metadata: { name: 'd' } });
    loop.run(instant(loop.now + 70_000), () => true);
    call.cancel();
    const events = chunks
      .join('')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK', 'ADDED', 'BOOKMARK']);
    expect(events[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  it('a limit at revision 0 is none', () => {
    const { request } = createApiHarness();
    for (const name of ['a', 'b', 'c']) request('POST', MAPS, { metadata: { name } });
    expect(request('GET', `${MAPS}?limit=1&resourceVersion=0`).json.items).toHaveLength(3);
    expect(request('GET', `${MAPS}?limit=1`).json.metadata.remainingItemCount).toBe(2);
  });

  it('serves no beta and no alpha', () => {
    const { request } = createApiHarness();
    for (const { groupVersion } of request('GET', '/apis').json.groups.flatMap(({ versions }: Json) => versions)) {
      expect(groupVersion).toMatch(/\/v\d+$/);
    }
    const admission = request('GET', '/apis/admissionregistration.k8s.io/v1').json.resources;
    expect(admission.map(({ name }: Json) => name)).not.toContain('mutatingadmissionpolicies');
    const certificates = request('GET', '/apis/certificates.k8s.io/v1').json.resources;
    expect(new Set(certificates.map(({ name }: Json) => name.split('/')[0]))).toEqual(
      new Set(['certificatesigningrequests']),
    );
  });
});

describe('contents', () => {
  it('are JSON where no type is named, and YAML where that is', () => {
    const { request } = createApiHarness();
    expect(request('POST', MAPS, { metadata: { name: 'c' } }).status).toBe(201);
    const yaml = { 'content-type': 'application/yaml', accept: 'application/yaml' };
    const answer = request('POST', MAPS, 'metadata:\n  name: d\ndata:\n  a: "1"\n', yaml);
    expect([answer.status, answer.headers['content-type']]).toEqual([201, 'application/yaml']);
    expect(answer.text).toContain('apiVersion: v1\ndata:\n  a: "1"\nkind: ConfigMap\n');
  });

  it('have bounds', () => {
    const { request } = createApiHarness();
    const make = (metadata: Json): HarnessAnswer => request('POST', MAPS, { metadata });
    expect(make({ name: 'n'.repeat(254) }).json.message).toContain('must be no more than 253 characters');
    expect(make({ name: 'c', labels: { ['k'.repeat(64)]: '' } }).json.message).toContain(
      'must be no more than 63 bytes',
    );
    expect(make({ name: 'c', labels: { k: 'v'.repeat(64) } }).json.message).toContain('must be no more than 63 bytes');
    const annotations = { a: 'x'.repeat(256 * 1_024) };
    expect(make({ name: 'c', annotations }).json.message).toBe(
      'ConfigMap "c" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
    );
  });
});
