import { createApiHarness, HARNESS_START } from '../../../../test/support/engine-harness.js';
import { after, seconds } from '../../kernel/clock.js';
import { clusterAdministrator } from '../../machinery/user.js';
import type { LogFollower, LogSource } from '../logs.port.js';

const PODS = '/api/v1/namespaces/default/pods';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const podBody = (name: string, more: object = {}) => ({
  metadata: { name, labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'i' }], ...more },
});

describe('pods/binding', () => {
  it('assigns a pod once', () => {
    const { request } = createApiHarness();
    request('POST', PODS, podBody('p'));
    const bind = () =>
      request('POST', `${PODS}/p/binding`, { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } });
    expect(bind().status).toBe(201);
    const { spec, status } = request('GET', `${PODS}/p`).json;
    expect(spec.nodeName).toBe('n');
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'PodScheduled', status: 'True' }));
    const again = bind();
    expect([again.status, again.json.message]).toEqual([
      409,
      'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"',
    ]);
  });
});

describe('pods/eviction', () => {
  it('asks the disruption budget', () => {
    const { request } = createApiHarness();
    request('POST', PODS, podBody('p', { nodeName: 'n' }));
    request('PATCH', `${PODS}/p/status`, { status: { phase: 'Running' } }, MERGE);
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    request('POST', budgets, {
      metadata: { name: 'b' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    });
    const status = {
      observedGeneration: 1,
      currentHealthy: 1,
      desiredHealthy: 1,
      disruptionsAllowed: 0,
      expectedPods: 1,
    };
    request('PATCH', `${budgets}/b/status`, { status }, MERGE);
    request('PATCH', `${PODS}/p/status`, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }, MERGE);
    const evict = () => request('POST', `${PODS}/p/eviction`, { metadata: { name: 'p' } });
    const refused = evict();
    expect([refused.status, refused.json.details.causes]).toEqual([
      429,
      [{ reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods and has 1 currently' }],
    ]);
    request('PATCH', `${budgets}/b/status`, { status: { disruptionsAllowed: 1 } }, MERGE);
    expect(evict().status).toBe(201);
    expect(request('GET', `${budgets}/b`).json.status.disruptionsAllowed).toBe(0);
    expect(request('GET', `${PODS}/p`).json.metadata.deletionTimestamp).toBeDefined();
  });
});

describe('scale', () => {
  it('shows and changes the replica count alone', () => {
    const { request } = createApiHarness();
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const spec = { replicas: 2, selector: { matchLabels: { app: 'web' } }, template };
    request('POST', path, { metadata: { name: 'd' }, spec });
    expect(request('GET', `${path}/d/scale`).json).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } });
    const scaled = request('PATCH', `${path}/d/scale`, { spec: { replicas: 5 } }, MERGE);
    expect(scaled.json).toMatchObject({ kind: 'Scale', spec: { replicas: 5 }, status: { selector: 'app=web' } });
    expect(request('GET', `${path}/d`).json).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 5 } });
    const negative = request('PUT', `${path}/d/scale`, { metadata: { name: 'd' }, spec: { replicas: -1 } });
    expect([negative.status, negative.json.message]).toEqual([
      422,
      'Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ]);
  });
});

describe('pods/log', () => {
  function withLogs() {
    let follower: LogFollower | undefined;
    const line = (second: number, text: string) => ({ at: after(HARNESS_START, seconds(second)), text });
    const logs: LogSource = {
      read: (_namespace, _pod, _container, { tailLines = Infinity }) => ({
        lines: [line(0, 'one'), line(1, 'two')].slice(-tailLines),
        isOpen: true,
      }),
      follow: (_namespace, _pod, _container, given) => {
        follower = given;
        return { cancel: () => undefined };
      },
    };
    const harness = createApiHarness({ logs });
    harness.request('POST', '/api/v1/nodes', { metadata: { name: 'n' } });
    harness.request('POST', PODS, podBody('p', { nodeName: 'n' }));
    harness.request('POST', PODS, podBody('free'));
    return { ...harness, line, follower: () => follower };
  }

  it('gives lines, their times, their end and so many bytes as are asked for', () => {
    const { request } = withLogs();
    expect(request('GET', `${PODS}/p/log`).text).toBe('one\ntwo\n');
    expect(request('GET', `${PODS}/p/log?tailLines=1&timestamps=true`).text).toBe(
      '2026-01-01T00:00:01.000000000Z two\n',
    );
    expect(request('GET', `${PODS}/p/log?limitBytes=5`).text).toBe('one\nt');
  });

  it('is empty for a pod without a node, and refuses options that make no sense', () => {
    const { request } = withLogs();
    expect(request('GET', `${PODS}/free/log`).status).toBe(204);
    expect(request('GET', `${PODS}/p/log?tailLines=-1`).status).toBe(422);
    expect(request('GET', `${PODS}/p/log?container=x`).json.message).toBe('container x is not valid for pod p');
  });

  it('follows what a container writes', () => {
    const { server, follower, line } = withLogs();
    const chunks: string[] = [];
    let isOver = false;
    server.handle(
      {
        method: 'GET',
        path: `${PODS}/p/log`,
        query: 'follow=true',
        headers: {},
        body: new Uint8Array(),
        user: clusterAdministrator,
      },
      {
        respond: () => undefined,
        stream: () => ({
          write: (chunk) => void chunks.push(new TextDecoder().decode(chunk)),
          end: () => {
            isOver = true;
          },
        }),
      },
    );
    follower()?.line(line(2, 'three'));
    follower()?.end();
    expect([chunks.join(''), isOver]).toEqual(['one\ntwo\nthree\n', true]);
  });
});

describe('paths without a handler', () => {
  it.each([
    ['POST', `${PODS}/p/exec`, 400, 'pod p does not have a host assigned'],
    ['GET', `${PODS}/p/binding`, 405, 'the server does not allow this method on the requested resource'],
    ['GET', `${PODS}/p/nothing`, 404, 'the server could not find the requested resource'],
    [
      'GET',
      '/api/v1/namespaces/default/serviceaccounts/default/token',
      405,
      'the server does not allow this method on the requested resource',
    ],
  ])('%s %s is refused precisely', (method, path, status, message) => {
    const { request } = createApiHarness();
    request('POST', PODS, podBody('p'));
    const answer = request(method, path);
    expect([answer.status, answer.json.message]).toEqual([status, message]);
  });
});
