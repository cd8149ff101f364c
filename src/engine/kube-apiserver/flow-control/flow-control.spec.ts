import { createApiHarness, textCodec, type Json } from '../../../../test/support/engine-harness.js';
import { flowTemplates } from '../../cluster/bootstrap/flow-templates.js';
import { minutes, seconds, after, type Duration } from '../../kernel/clock.js';
import type { Authorizer } from '../authorizer.port.js';
import type { OutsideEffect, OutsideWorld } from '../outside/outside-effect.js';
import type { WireCall, WireResponse } from '../wire.js';

const GROUP = '/apis/flowcontrol.apiserver.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DUMPS = '/debug/api_priority_and_fairness';
const anyone: Authorizer = {
  authorize: () => ({ isAllowed: true, reason: '' }),
  rulesFor: () => ({ rules: [], isIncomplete: false, error: '' }),
};

interface Given {
  readonly queuing?: object | 'none';
  readonly shares?: number;
  readonly borrowing?: number;
}

const ONE_QUEUE = { queues: 1, handSize: 1, queueLengthLimit: 2 };

interface Sent {
  readonly call: WireCall;
  answer?: WireResponse;
}

/** A cluster with a webhook that answers when the test says so, and one level of one seat for the user `slow`. */
function clusterWithSlowWebhook({ queuing = ONE_QUEUE, shares = 1, borrowing = 0 }: Given = {}) {
  const waiting: (() => void)[] = [];
  const outside: OutsideWorld = {
    serviceUrl: () => undefined,
    perform({ id, payload }: OutsideEffect) {
      const { apiVersion, request } = JSON.parse(textCodec.decode(payload.body)) as Json;
      const review = { kind: 'AdmissionReview', apiVersion, response: { uid: request.uid, allowed: true } };
      waiting.push(() =>
        harness.server.outside.settle(id, { status: 200, body: textCodec.encode(JSON.stringify(review)) }),
      );
    },
  };
  const harness = createApiHarness({ outside, authorizer: anyone, flowTemplates });
  const { server, loop } = harness;
  const run = (span: Duration): void => void loop.run(after(loop.now, span), () => true);
  const create = (path: string, body: object): void => expect(harness.request('POST', path, body).status).toBe(201);
  for (const { metadata, spec } of flowTemplates.levels) {
    create(`${GROUP}/prioritylevelconfigurations`, { metadata, spec });
  }
  for (const { metadata, spec } of flowTemplates.schemas) create(`${GROUP}/flowschemas`, { metadata, spec });
  const level = (name: string, limited: object): void =>
    create(`${GROUP}/prioritylevelconfigurations`, { metadata: { name }, spec: { type: 'Limited', limited } });
  level('huge', { nominalConcurrencyShares: 1_000, limitResponse: { type: 'Reject' } });
  level('narrow', {
    nominalConcurrencyShares: shares,
    borrowingLimitPercent: borrowing,
    limitResponse: queuing === 'none' ? { type: 'Reject' } : { type: 'Queue', queuing },
  });
  create(`${GROUP}/flowschemas`, schemaOf('slow', 'narrow'));
  create('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', webhook);

  /** The answer comes with `answer`, at once or later. */
  const send = (
    user: string | readonly [string, string],
    method: string,
    pathAndQuery: string,
    body?: object,
  ): Sent => {
    const [username, group] = typeof user === 'string' ? [user, 'system:authenticated'] : user;
    const [path = '', query = ''] = pathAndQuery.split('?', 2);
    const sent: { -readonly [Key in keyof Sent]: Sent[Key] } = { call: { cancel: () => undefined } };
    const bytes = body === undefined ? new Uint8Array() : textCodec.encode(JSON.stringify(body));
    sent.call = server.handle(
      { method, path, query, headers: {}, body: bytes, user: { username, groups: [group] } },
      {
        respond: (answer) => void (sent.answer = answer),
        stream: (head) => {
          sent.answer = { ...head, body: [], revision: 0 };
          return { write: () => undefined, end: () => undefined };
        },
      },
    );
    return sent;
  };
  let count = 0;
  const createSlowly = (user = 'slow', query = ''): Sent =>
    send(user, 'POST', `${CONFIG_MAPS}${query}`, { metadata: { name: `m${count++}` } });
  return { ...harness, waiting, run, send, createSlowly };
}

const schemaOf = (user: string, level: string, more: object = {}) => ({
  metadata: { name: `of-${user}` },
  spec: {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence: 10,
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: user } }],
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
      },
    ],
    ...more,
  },
});

const webhook = {
  metadata: { name: 'slow' },
  webhooks: [
    {
      name: 'slow.example.com',
      clientConfig: { url: 'https://127.0.0.1:9/slow' },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    },
  ],
};

const statuses = (sent: readonly Sent[]) => sent.map(({ answer }) => answer?.status);
const textOf = ({ answer }: Sent): string => answer!.body.map((part) => textCodec.decode(part)).join('');

describe('what a request is classified as', () => {
  const { request, send } = clusterWithSlowWebhook();
  const uidOf = (plural: string, name: string): string =>
    request('GET', `${GROUP}/${plural}/${name}`).json.metadata.uid;
  const told = ({ answer }: Sent) => [
    answer?.headers['x-kubernetes-pf-flowschema-uid'],
    answer?.headers['x-kubernetes-pf-prioritylevel-uid'],
  ];

  it.each([
    ['slow', '', '/api/v1/pods', 'of-slow', 'narrow'],
    ['slow', 'system:authenticated', '/version', 'global-default', 'global-default'],
    ['somebody', 'system:authenticated', '/api/v1/pods', 'global-default', 'global-default'],
    ['admin', 'system:masters', '/api/v1/pods', 'exempt', 'exempt'],
    ['admin', 'system:masters', '/nowhere', 'exempt', 'exempt'],
    ['nobody', '', '/api/v1/pods', 'catch-all', 'catch-all'],
    ['system:serviceaccount:kube-system:a', '', '/api/v1/pods', 'kube-system-service-accounts', 'workload-high'],
    ['system:serviceaccount:b:a', 'system:serviceaccounts', '/api/v1/pods?watch=1', 'service-accounts', 'workload-low'],
    ['system:kube-scheduler', '', '/api/v1/nodes/missing', 'kube-scheduler', 'workload-high'],
    ['system:node:n', 'system:nodes', '/api/v1/pods', 'system-nodes', 'system'],
    ['system:node:n', 'system:nodes', '/api/v1/nodes/n/status', 'system-node-high', 'node-high'],
  ])('of %s in %j, GET %s is %s, seated by %s', (user, group, path, schema, level) => {
    const uids = [uidOf('flowschemas', schema), uidOf('prioritylevelconfigurations', level)];
    expect(told(send([user, group], 'GET', path))).toEqual(uids);
  });

  it.each(['somebody', ['admin', 'system:masters'] as const])(
    'is not told of sessions and what is proxied (%j)',
    (user) => {
      const sent = send(user, 'GET', '/api/v1/namespaces/default/pods/p/log');
      expect([sent.answer?.status, ...told(sent)]).toEqual([404, undefined, undefined]);
    },
  );

  it('changes with the schemas', () => {
    const cluster = clusterWithSlowWebhook();
    const schema = (): unknown =>
      cluster.send('slow', 'GET', '/api/v1/pods').answer?.headers['x-kubernetes-pf-flowschema-uid'];
    const before = schema();
    expect(cluster.request('DELETE', `${GROUP}/flowschemas/of-slow`).status).toBe(200);
    expect(schema()).not.toBe(before);
  });
});

describe('a level of one seat', () => {
  it('has the second wait for the first, and the fourth refused in words', () => {
    const { createSlowly, waiting, run } = clusterWithSlowWebhook();
    const sent = Array.from({ length: 4 }, () => createSlowly());
    expect(statuses(sent)).toEqual([undefined, undefined, undefined, 429]);
    expect(waiting).toHaveLength(1);
    expect(textOf(sent[3]!)).toBe('Too many requests, please try again later.\n');
    expect(sent[3]!.answer!.headers).toMatchObject({
      'retry-after': '1',
      'content-type': 'text/plain; charset=utf-8',
      'x-kubernetes-pf-flowschema-uid': expect.any(String),
    });
    waiting[0]!();
    run(seconds(0));
    expect([statuses(sent), waiting.length]).toEqual([[201, undefined, undefined, 429], 2]);
    waiting[1]!();
    run(seconds(0));
    waiting[2]!();
    expect(statuses(sent)).toEqual([201, 201, 201, 429]);
  });

  it('lets others alone, administrators above all', () => {
    const { createSlowly, send, request } = clusterWithSlowWebhook();
    for (let count = 0; count < 4; count++) createSlowly();
    expect(send('slow', 'GET', '/api/v1/pods').answer?.status).toBe(429);
    expect(send('quick', 'GET', '/api/v1/pods').answer?.status).toBe(200);
    expect(request('GET', '/api/v1/pods').status).toBe(200);
  });

  it('refuses who has waited for a quarter of its time', () => {
    const { createSlowly, run } = clusterWithSlowWebhook();
    const [first, second, third] = [createSlowly(), createSlowly(), createSlowly('slow', '?timeout=8s')];
    run(seconds(2));
    expect(statuses([first, second, third])).toEqual([undefined, undefined, 429]);
    run(seconds(13));
    expect(statuses([first, second, third])).toEqual([undefined, 429, 429]);
  });

  it('gives the place of who goes away to the next', () => {
    const { createSlowly, waiting, run } = clusterWithSlowWebhook();
    const [first, second, third] = [createSlowly(), createSlowly(), createSlowly()];
    second.call.cancel();
    first.call.cancel();
    run(seconds(0));
    expect(waiting).toHaveLength(2);
    waiting[1]!();
    expect(statuses([first, second, third])).toEqual([undefined, undefined, 201]);
  });

  it('refuses at once where it has no queue, and tells clients to wait longer the more it refuses', () => {
    const { createSlowly, run } = clusterWithSlowWebhook({ queuing: 'none' });
    createSlowly();
    const waits = Array.from({ length: 6 }, () => {
      const last = Array.from({ length: 5 }, () => createSlowly()).at(-1)!;
      run(seconds(1));
      return last.answer?.headers['retry-after'];
    });
    expect(waits).toEqual(['1', '2', '2', '4', '4', '4']);
  });

  it('borrows for who waits, when the period is over', () => {
    const { createSlowly, waiting, run } = clusterWithSlowWebhook({ borrowing: 500 });
    const sent = [createSlowly(), createSlowly(), createSlowly()];
    run(seconds(9.9));
    expect(waiting).toHaveLength(1);
    run(seconds(0.2));
    expect(waiting).toHaveLength(3);
    for (const answer of waiting) answer();
    expect(statuses(sent)).toEqual([201, 201, 201]);
  });

  it('serves who waits in it even when it is deleted', () => {
    const { createSlowly, waiting, run, request } = clusterWithSlowWebhook();
    const sent = [createSlowly(), createSlowly()];
    request('DELETE', `${GROUP}/prioritylevelconfigurations/narrow`);
    const shown = (): string | undefined =>
      request('GET', `${DUMPS}/dump_priority_levels`)
        .text.split('\n')
        .find((line) => line.startsWith('narrow'))
        ?.replaceAll(/ +/g, '');
    expect(shown()).toBe('narrow,1,false,true,1,1,1,0,0,0');
    for (let next = 0; next < 2; next++) {
      waiting[next]!();
      run(seconds(0));
    }
    expect([statuses(sent), shown()]).toEqual([[201, 201], undefined]);
  });

  it('shows who is where', () => {
    const { createSlowly, request } = clusterWithSlowWebhook();
    for (let count = 0; count < 4; count++) createSlowly();
    const levels = request('GET', `${DUMPS}/dump_priority_levels`).text.split('\n');
    expect(levels[0]).toBe(
      'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests',
    );
    expect(levels.find((line) => line.startsWith('narrow'))?.replaceAll(/ +/g, '')).toBe(
      'narrow,1,false,false,2,1,1,1,0,0',
    );
    const queues = request('GET', `${DUMPS}/dump_queues`).text.split('\n');
    expect(queues.find((line) => line.startsWith('narrow'))?.replaceAll(/ +/g, '')).toBe(
      'narrow,0,2,1,1,0.00300000ss,2,2,0.00600000ss',
    );
    const rows = request('GET', `${DUMPS}/dump_requests?includeRequestDetails=1`).text.split('\n');
    expect(rows.filter((line) => line.startsWith('narrow')).map((line) => line.split(/, */).slice(1, 5))).toEqual([
      ['of-slow', '0', '0', ''],
      ['of-slow', '0', '1', ''],
      ['of-slow', '0', '-1', ''],
    ]);
    expect(
      rows
        .find((line) => line.startsWith('exempt'))
        ?.split(/, */)
        .slice(-8),
    ).toEqual(['harness', 'get', `${DUMPS}/dump_requests`, '', '', '', '', ''].with(0, expect.any(String)));
  });
});

describe('where time stands still', () => {
  it('refuses who waits for a seat that only time could bring', () => {
    const { createSlowly, server, run } = clusterWithSlowWebhook({ shares: 0 });
    const sent = createSlowly();
    run(seconds(0));
    expect(statuses([sent])).toEqual([undefined]);
    server.standStill();
    expect(statuses([sent])).toEqual([429]);
  });

  it('keeps no seats for what is answered', () => {
    const { send, server, run } = clusterWithSlowWebhook();
    for (let count = 0; count < 10; count++) send('quick', 'GET', '/api/v1/namespaces/default/secrets?watch=1');
    const create = (name: string): Sent =>
      send('slow', 'POST', '/api/v1/namespaces/default/secrets', { metadata: { name } });
    const [first, second] = [create('a'), create('b')];
    run(seconds(0));
    expect(statuses([first, second])).toEqual([201, undefined]);
    server.standStill();
    run(seconds(0));
    expect(statuses([first, second])).toEqual([201, 201]);
  });

  it('else lets a write that wakes many watches keep its seats for a while', () => {
    const { send, run } = clusterWithSlowWebhook();
    const watches = Array.from({ length: 10 }, () =>
      send('quick', 'GET', '/api/v1/namespaces/default/secrets?watch=1'),
    );
    const create = (name: string): Sent =>
      send('slow', 'POST', '/api/v1/namespaces/default/secrets', { metadata: { name } });
    const [, second] = [create('a'), create('b')];
    run(seconds(0.004));
    expect(statuses([second])).toEqual([undefined]);
    run(seconds(0.001));
    expect(statuses([second])).toEqual([201]);
    run(seconds(1));
    watches[0]!.call.cancel();
    expect(statuses([create('c'), create('d')])).toEqual([201, 201]);
  });
});

describe('the configuration', () => {
  const danglingOf = (object: Json) =>
    object.status?.conditions?.map(({ type, status, reason }: Json) => [type, status, reason]);

  it('tells of a schema whether its level is there', () => {
    const { request, run } = clusterWithSlowWebhook();
    const shown = () => request('GET', `${GROUP}/flowschemas/of-slow`).json;
    run(seconds(0));
    expect(danglingOf(shown())).toEqual([['Dangling', 'False', 'Found']]);
    request('DELETE', `${GROUP}/prioritylevelconfigurations/narrow`);
    run(seconds(0));
    expect(danglingOf(shown())).toEqual([['Dangling', 'True', 'NotFound']]);
    expect(shown().status.conditions[0].message).toBe(
      'This FlowSchema references the PriorityLevelConfiguration object named "narrow" but there is no such object',
    );
    expect(shown().metadata.managedFields[0]).toMatchObject({
      manager: 'api-priority-and-fairness-config-consumer-v1',
      operation: 'Apply',
      subresource: 'status',
    });
  });

  it('passes over a schema without its level', () => {
    const { request, send } = clusterWithSlowWebhook();
    request('DELETE', `${GROUP}/prioritylevelconfigurations/narrow`);
    const uid = request('GET', `${GROUP}/flowschemas/global-default`).json.metadata.uid;
    expect(send('slow', 'GET', '/api/v1/pods').answer?.headers['x-kubernetes-pf-flowschema-uid']).toBe(uid);
  });

  it('makes anew what is missing, sets back what is its own, and leaves what it was told to leave', () => {
    const { request, run } = clusterWithSlowWebhook();
    const level = (name: string) => `${GROUP}/prioritylevelconfigurations/${name}`;
    const sharesOf = (name: string) => request('GET', level(name)).json.spec?.limited?.nominalConcurrencyShares;
    const change = (name: string, annotations: object): void => {
      const body = { metadata: { annotations }, spec: { limited: { nominalConcurrencyShares: 7 } } };
      const headers = { 'content-type': 'application/merge-patch+json' };
      expect(request('PATCH', level(name), body, headers).status).toBe(200);
    };
    for (const name of ['exempt', 'catch-all']) request('DELETE', `${GROUP}/flowschemas/${name}`);
    request('DELETE', level('catch-all'));
    change('workload-low', {});
    change('workload-high', { 'apf.kubernetes.io/autoupdate-spec': 'false' });
    run(minutes(1));
    for (const path of [level('catch-all'), `${GROUP}/flowschemas/exempt`, `${GROUP}/flowschemas/catch-all`]) {
      expect(request('GET', path).status).toBe(200);
    }
    expect([sharesOf('workload-low'), sharesOf('workload-high')]).toEqual([100, 7]);
  });

  it('goes on without the objects that it cannot do without', () => {
    const { request, send } = clusterWithSlowWebhook();
    for (const plural of ['flowschemas', 'prioritylevelconfigurations']) request('DELETE', `${GROUP}/${plural}`);
    const { status, headers } = send('somebody', 'GET', '/api/v1/pods').answer!;
    expect([status, headers['x-kubernetes-pf-flowschema-uid']]).toEqual([200, '']);
    expect(request('GET', '/api/v1/pods').status).toBe(200);
  });
});
