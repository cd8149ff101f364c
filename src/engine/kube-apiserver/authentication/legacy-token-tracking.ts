/**
 * Keeps ConfigMap `kube-apiserver-legacy-service-account-token-tracking` in kube-system: since when the use of service accounts'
 * lasting tokens is noted. Mirrors kube-apiserver's legacy token tracking controller.
 */
import { minutes, parseTimestamp, timestamp, type Duration } from '../../kernel/clock.js';
import type { Simulation } from '../../kernel/simulation.js';
import { WorkQueue } from '../../kernel/work-queue.js';
import { configMap } from '../../kinds/config-map.js';
import type { ConfigMap } from '../../machinery/api/core-v1.js';
import type { ResourceApi } from '../../machinery/resource-api.port.js';
import { ALL_POWERFUL_GROUP, type UserInfo } from '../../machinery/user.js';

const NAMESPACE = 'kube-system';
const NAME = 'kube-apiserver-legacy-service-account-token-tracking';
const KEY = `${NAMESPACE}/${NAME}`;
const USER: UserInfo = Object.freeze({ username: 'system:apiserver', groups: [ALL_POWERFUL_GROUP] });
/** Servers that disagree about the feature would else make it and take it away in turn. */
const CREATION_INTERVAL = minutes(30);
const DATE = /^\d{4}-\d\d-\d\d$/;

export class LegacyTokenTracking {
  readonly #api: ResourceApi;
  readonly #simulation: Simulation;
  readonly #queue: WorkQueue;

  constructor(api: ResourceApi, simulation: Simulation) {
    this.#api = api;
    this.#simulation = simulation;
    this.#queue = new WorkQueue(simulation, () => this.#work());
  }

  /** A new cluster begins with it: only what changes later is looked at. */
  start(): void {
    this.#api.subscribe(configMap, ({ type, object }) => {
      const { name, namespace, creationTimestamp = '' } = object.metadata;
      if (name !== NAME || namespace !== NAMESPACE) return;
      if (type === 'deleted') this.#queue.addAfter(KEY, this.#untilCreation(creationTimestamp));
      else if (!isTold(object)) this.#queue.add(KEY);
    });
  }

  /** Counted from when the last one was made. */
  #untilCreation(lastCreation: string): Duration {
    const passed = this.#simulation.now - (parseTimestamp(lastCreation) ?? 0);
    return Math.max(CREATION_INTERVAL - passed, 0) as Duration;
  }

  #work(): void {
    const current = this.#api.get(configMap, KEY);
    if (current !== undefined && isTold(current)) return this.#queue.forget(KEY);
    const since = timestamp(this.#simulation.now).slice(0, 'yyyy-mm-dd'.length);
    const common = { user: USER, fieldManager: 'kube-apiserver', kind: configMap } as const;
    const call =
      current === undefined
        ? ({
            ...common,
            verb: 'create',
            namespace: NAMESPACE,
            object: { metadata: { name: NAME }, data: { since } },
          } as const)
        : ({ ...common, verb: 'update', object: { ...current, data: { ...current.data, since } } } as const);
    this.#api.call(call, ({ error }) => {
      if (error === undefined) this.#queue.forget(KEY);
      else this.#queue.addRateLimited(KEY);
    });
  }
}

function isTold({ data }: ConfigMap): boolean {
  const since = data?.['since'] ?? '';
  return DATE.test(since) && parseTimestamp(`${since}T00:00:00Z`) !== undefined;
}
