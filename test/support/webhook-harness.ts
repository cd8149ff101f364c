import { createApiHarness, textCodec, type HarnessOptions, type Json } from './engine-harness.js';
import type {
  OutsideEffect,
  OutsideResult,
  OutsideWorld,
} from '../../src/engine/kube-apiserver/outside/outside-effect.js';

export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const GROUP = '/apis/admissionregistration.k8s.io/v1';

/**
 * What a webhook says: the `response` of its review; `fault` in its place where it does not answer, `isLate` where it does so
 * only when asked to, `result` where its answer is no review.
 */
export type WebhookAnswer = (request: Json, effect: OutsideEffect) => Json;

export interface WebhookRecord {
  readonly path: string;
  readonly apiVersion: string;
  readonly request: Json;
}

interface WebhookHarnessOptions extends Pick<HarnessOptions, 'authorizer' | 'tokenKeys'> {
  /** Where services are reached outside. */
  readonly services?: Readonly<Record<string, string>>;
}

/** A cluster whose webhooks are functions; what they are asked is kept. */
export function webhookHarness(
  answers: Readonly<Record<string, WebhookAnswer>>,
  { services = {}, ...options }: WebhookHarnessOptions = {},
) {
  const asked: string[] = [];
  const records: WebhookRecord[] = [];
  const later: (() => void)[] = [];
  const outside: OutsideWorld = {
    serviceUrl: (service) => services[service],
    perform(effect) {
      const path = new URL(effect.payload.url).pathname.slice(1);
      const { apiVersion, request } = JSON.parse(textCodec.decode(effect.payload.body)) as Json;
      asked.push(path);
      records.push({ path, apiVersion, request });
      const { result, ...response } = answers[path]?.(request, effect) ?? { allowed: true };
      const settle = (): void =>
        harness.server.outside.settle(effect.id, result ?? answered(apiVersion, request, response));
      if (response.isLate === true) later.push(settle);
      else settle();
    },
  };
  const harness = createApiHarness({ outside, ...options });
  const configure = (kind: 'Mutating' | 'Validating', names: readonly string[], more: object = {}): void => {
    const webhooks = names.map((name) => ({
      name: `${name}.example.com`,
      clientConfig: { url: `https://127.0.0.1:9/${name}` },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
      ...more,
    }));
    const path = `${GROUP}/${kind.toLowerCase()}webhookconfigurations`;
    const metadata = { name: `${names.join('-')}-${kind.toLowerCase()}` };
    const { status, text } = harness.request('POST', path, { metadata, webhooks });
    expect([status, text]).toEqual([201, text]);
  };
  return { ...harness, asked, records, later, configure };
}

function answered(apiVersion: string, request: Json, response: Json): OutsideResult {
  if (response.fault !== undefined) return { fault: response.fault };
  const review = { kind: 'AdmissionReview', apiVersion, response: { uid: request.uid, ...response } };
  return { status: 200, body: textCodec.encode(JSON.stringify(review)) };
}

/** A rule for everything that is done to some resources of a group and version. */
export const rulesFor = (resources: readonly string[], apiGroups = [''], apiVersions = ['v1']) => ({
  rules: [{ apiGroups, apiVersions, operations: ['*'], resources }],
});

export const patchOf = (operations: readonly object[]): Json => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: btoa(JSON.stringify(operations)),
});

export const configMapOf = (more: object = {}) => ({ metadata: { name: 'm' }, data: { a: '1' }, ...more });
