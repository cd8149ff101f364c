/**
 * Keeps ConfigMap `extension-apiserver-authentication` in kube-system: how servers behind the aggregator learn whom to believe.
 * Mirrors kube-apiserver's cluster authentication trust controller. Left out: dropping certificates that have expired.
 */
import { configMap } from '../../kinds/config-map.js';
import type { Simulation } from '../../kernel/simulation.js';
import { WorkQueue } from '../../kernel/work-queue.js';
import type { ConfigMap } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { parseJson } from '../../machinery/json/parse-json.js';
import type { ResourceApi } from '../../machinery/resource-api.port.js';
import { isJsonArray } from '../../machinery/structure.js';
import { ALL_POWERFUL_GROUP, type UserInfo } from '../../machinery/user.js';
import type { RequestTrust } from './request-trust.port.js';

const NAMESPACE = 'kube-system';
const NAME = 'extension-apiserver-authentication';
const KEY = `${NAMESPACE}/${NAME}`;
const USER: UserInfo = Object.freeze({ username: 'system:apiserver', groups: [ALL_POWERFUL_GROUP] });
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g;
/** What the aggregator's requests say it in. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  'requestheader-allowed-names': ['front-proxy-client'],
  'requestheader-extra-headers-prefix': ['X-Remote-Extra-'],
  'requestheader-group-headers': ['X-Remote-Group'],
  'requestheader-username-headers': ['X-Remote-User'],
};

type Data = Readonly<Record<string, string>>;

export class AuthenticationTrust {
  readonly #api: ResourceApi;
  readonly #queue: WorkQueue;
  readonly #trust: RequestTrust;

  constructor(api: ResourceApi, simulation: Simulation, trust: RequestTrust) {
    this.#api = api;
    this.#trust = trust;
    this.#queue = new WorkQueue(simulation, () => this.#work());
  }

  /** The kinds' store may still be empty: what a new cluster begins with is compared once it is there. */
  start(): void {
    this.#queue.add(KEY);
    this.#api.subscribe(configMap, ({ object: { metadata } }) => {
      if (metadata.name === NAME && metadata.namespace === NAMESPACE) this.#queue.add(KEY);
    });
  }

  #work(): void {
    const current = this.#api.get(configMap, KEY);
    const data = combined(current?.data ?? {}, this.#trust);
    if (deepEqual(current?.data, data)) return this.#queue.forget(KEY);
    const common = { user: USER, fieldManager: 'kube-apiserver', kind: configMap } as const;
    const made = { metadata: { name: NAME }, data };
    const call =
      current === undefined
        ? ({ ...common, verb: 'create', namespace: NAMESPACE, object: made } as const)
        : ({ ...common, verb: 'update', object: { ...current, data } satisfies ConfigMap } as const);
    this.#api.call(call, ({ error }) => {
      if (error === undefined) this.#queue.forget(KEY);
      else this.#queue.addRateLimited(KEY);
    });
  }
}

/** What is known already stays known. */
function combined(known: Data, { clientAuthority, frontProxyAuthority }: RequestTrust): Data {
  const lists = Object.entries(LISTS).map(([name, wanted]) => {
    const all = new Set([...textsIn(known[name] ?? ''), ...wanted]);
    return [name, JSON.stringify([...all])] as const;
  });
  return {
    'client-ca-file': bundle(known['client-ca-file'] ?? '', clientAuthority),
    'requestheader-client-ca-file': bundle(known['requestheader-client-ca-file'] ?? '', frontProxyAuthority),
    ...Object.fromEntries(lists),
  };
}

function bundle(known: string, added: string): string {
  const all = [known, added].flatMap((each) => each.match(CERTIFICATE) ?? []);
  return [...new Set(all.map((each) => `${each.trimEnd()}\n`))].join('');
}

function textsIn(list: string): readonly string[] {
  const { value } = parseJson(list);
  return isJsonArray(value) ? value.flatMap((each) => (typeof each === 'string' ? [each] : [])) : [];
}
