import { createApiHarness, type HarnessAnswer, type Json } from '../../../../test/support/engine-harness.js';

const PODS = '/api/v1/namespaces/default/pods';
const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const READY = [{ type: 'Ready', status: 'True' }];
const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget.";

/** A running pod on a node, and budgets for it. */
class Eviction {
  readonly #harness = createApiHarness();

  constructor(podStatus: Json = { phase: 'Running', conditions: READY }) {
    const metadata = { name: 'p', labels: { app: 'web' } };
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], terminationGracePeriodSeconds: 30 };
    this.request('POST', PODS, { metadata, spec });
    this.request('PATCH', `${PODS}/p/status`, { status: podStatus }, MERGE);
  }

  request(...call: Parameters<ReturnType<typeof createApiHarness>['request']>): HarnessAnswer {
    return this.#harness.request(...call);
  }

  withBudget(status: Json, { name = 'b', ...spec }: Json = {}): this {
    this.request('POST', BUDGETS, {
      metadata: { name },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } }, ...spec },
    });
    const known = {
      observedGeneration: 1,
      currentHealthy: 1,
      desiredHealthy: 1,
      disruptionsAllowed: 0,
      expectedPods: 1,
    };
    this.request('PATCH', `${BUDGETS}/${name}/status`, { status: { ...known, ...status } }, MERGE);
    return this;
  }

  evict(body: Json = {}, query = ''): HarnessAnswer {
    return this.request('POST', `${PODS}/p/eviction${query}`, { metadata: { name: 'p' }, ...body });
  }

  get isGoing(): boolean {
    const { status, json } = this.request('GET', `${PODS}/p`);
    return status === 404 || json.metadata.deletionTimestamp !== undefined;
  }

  get budget(): Json {
    return this.request('GET', `${BUDGETS}/b`).json;
  }
}

const refusalOf = ({ status, json, headers }: HarnessAnswer): unknown => [
  status,
  json.message,
  json.details?.causes?.[0]?.message,
  headers['retry-after'],
];

describe('pods/eviction under a budget', () => {
  const failed = [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'no scale' }];
  const insufficient = [{ type: 'DisruptionAllowed', status: 'False', reason: 'Other', message: 'why' }];
  it.each<[Json, string, string | undefined]>([
    [{}, 'needs 1 healthy pods and has 1 currently', undefined],
    [{ conditions: failed }, 'does not allow evicting pods currently because it failed sync: no scale', undefined],
    [{ currentHealthy: 2 }, 'does not allow evicting pods currently', undefined],
    [{ currentHealthy: 2, conditions: insufficient }, 'does not allow evicting pods currently (Other): why', undefined],
    [{ observedGeneration: 0, disruptionsAllowed: 1 }, 'is still being processed by the server.', '10'],
  ])('is refused with %j', (status, words, retryAfter) => {
    const eviction = new Eviction().withBudget(status);
    expect(refusalOf(eviction.evict())).toEqual([429, VIOLATION, `The disruption budget b ${words}`, retryAfter]);
    expect(eviction.evict().json.details.causes[0].reason).toBe('DisruptionBudget');
    expect(eviction.isGoing).toBe(false);
  });

  it('spends what is allowed, and remembers the pod', () => {
    const eviction = new Eviction().withBudget({ disruptionsAllowed: 1 });
    expect(eviction.evict().json).toMatchObject({ kind: 'Status', status: 'Success', code: 201 });
    expect(eviction.isGoing).toBe(true);
    expect(eviction.budget.status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { p: '2026-01-01T00:00:00Z' },
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', observedGeneration: 1 }],
    });
    const { status } = eviction.request('GET', `${PODS}/p`).json;
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }),
    );
  });

  it.each([
    ['in the query', {}, '?dryRun=All'],
    ['in the body', { deleteOptions: { dryRun: ['All'] } }, ''],
  ])('changes nothing in a dry run %s', (_where, body, query) => {
    const eviction = new Eviction().withBudget({ disruptionsAllowed: 1 });
    expect(eviction.evict(body, query).status).toBe(201);
    expect([eviction.isGoing, eviction.budget.status.disruptionsAllowed]).toEqual([false, 1]);
    const full = new Eviction().withBudget({});
    expect(full.evict(body, query).status).toBe(429);
  });

  it('is 500 with two budgets', () => {
    const eviction = new Eviction().withBudget({ disruptionsAllowed: 1 }).withBudget({}, { name: 'c' });
    expect(eviction.evict().json).toMatchObject({
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      code: 500,
    });
  });

  it('asks no budget of a pod that is at its end or beginning', () => {
    for (const phase of ['Succeeded', 'Failed', 'Pending']) {
      const eviction = new Eviction({ phase, conditions: READY }).withBudget({});
      expect([phase, eviction.evict().status, eviction.isGoing]).toEqual([phase, 201, true]);
    }
  });

  it.each([
    ['AlwaysAllow', { currentHealthy: 0, desiredHealthy: 1 }, 201],
    ['IfHealthyBudget', { currentHealthy: 1, desiredHealthy: 1 }, 201],
    ['IfHealthyBudget', { currentHealthy: 0, desiredHealthy: 1 }, 429],
    [undefined, { currentHealthy: 0, desiredHealthy: 0 }, 429],
  ])('of an unready pod obeys %s with %j', (unhealthyPodEvictionPolicy, status, answer) => {
    const policy = unhealthyPodEvictionPolicy === undefined ? {} : { unhealthyPodEvictionPolicy };
    const eviction = new Eviction({ phase: 'Running', conditions: [] }).withBudget(status, policy);
    expect(eviction.evict().status).toBe(answer);
    expect(eviction.budget.status.disruptedPods).toBeUndefined();
  });

  it('is refused to whom it does not concern', () => {
    const eviction = new Eviction().withBudget({ disruptionsAllowed: 1 });
    const uid = { deleteOptions: { preconditions: { uid: 'another' } } };
    expect(eviction.evict(uid)).toMatchObject({ status: 409, json: { reason: 'Conflict' } });
    expect(eviction.evict({ metadata: { name: 'q' } }).json.message).toBe(
      'name in URL does not match name in Eviction object',
    );
    const options = { deleteOptions: { ignoreStoreReadErrorWithClusterBreakingPotential: true } };
    expect(eviction.evict(options).json.message).toBe(
      'Eviction.policy "p" is invalid: deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential: Invalid value: ' +
        'true: can not be set for pod eviction, try after removing the option',
    );
  });
});
