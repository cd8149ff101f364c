import { createApiHarness, type Json } from '../../../../test/support/engine-harness.js';
import { fakeTokenKeys } from '../../../../test/support/fake-token-keys.js';
import {
  configMapOf as map,
  CONFIG_MAPS,
  patchOf,
  webhookHarness,
  type WebhookAnswer,
} from '../../../../test/support/webhook-harness.js';
import { clusterAdministrator } from '../../machinery/user.js';
import type { ApiServer } from '../api-server.js';
import { shownEvent } from './audit-event.js';
import type { AuditLevel } from './audit-policy.js';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const RULE = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };

/** The annotations of the last event, without those of the authoriser. */
function annotationsOf({ auditor }: ApiServer): Json {
  const { entries } = auditor.trail.page({ filter: {}, after: 0, limit: Infinity });
  const { annotations = {} } = shownEvent(entries.at(-1)!.event) as { annotations?: Record<string, string> };
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith('authorization.k8s.io/')));
}
const tell = ({ auditor }: ApiServer, level: AuditLevel): void => {
  auditor.policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level }] };
};

function clusterWith(answers: Readonly<Record<string, WebhookAnswer>>, level: AuditLevel = 'Metadata') {
  const harness = webhookHarness(answers);
  tell(harness.server, level);
  return harness;
}

describe('what webhooks did', () => {
  const added = [{ op: 'add', path: '/data/b', value: '2' }];

  it('is told of every call, with the patch where bodies are told', () => {
    const answers: Record<string, WebhookAnswer> = {
      a: () => patchOf(added),
      b: () => ({ allowed: true, auditAnnotations: { seen: 'yes' } }),
    };
    const mutation = (index: number, webhook: string, mutated: boolean) => ({
      [`mutation.webhook.admission.k8s.io/round_0_index_${index}`]: expect.stringMatching(
        new RegExp(`^\\{"configuration":"[^"]+","webhook":"${webhook}\\.example\\.com","mutated":${mutated}\\}$`),
      ),
    });
    const told = { ...mutation(0, 'a', true), ...mutation(1, 'b', false), 'b.example.com/seen': 'yes' };
    const { request, configure, server } = clusterWith(answers);
    configure('Mutating', ['a', 'b']);
    request('POST', CONFIG_MAPS, map());
    expect(annotationsOf(server)).toEqual(told);
    tell(server, 'Request');
    request('POST', CONFIG_MAPS, { ...map(), metadata: { name: 'other' } });
    const { 'patch.webhook.admission.k8s.io/round_0_index_0': patch, ...rest } = annotationsOf(server);
    expect(rest).toEqual(told);
    expect(JSON.parse(patch)).toMatchObject({ webhook: 'a.example.com', patch: added, patchType: 'JSONPatch' });
  });

  it('is told of the second round as well', () => {
    const { request, configure, server } = clusterWith({
      a: ({ object }) =>
        object.data.b === undefined ? { allowed: true } : patchOf([{ op: 'add', path: '/data/c', value: '3' }]),
      b: ({ object }) => (object.data.b === undefined ? patchOf(added) : { allowed: true }),
    });
    configure('Mutating', ['a', 'b'], { reinvocationPolicy: 'IfNeeded' });
    request('POST', CONFIG_MAPS, map());
    expect(Object.keys(annotationsOf(server))).toEqual(
      expect.arrayContaining([
        'mutation.webhook.admission.k8s.io/round_0_index_0',
        'mutation.webhook.admission.k8s.io/round_1_index_0',
      ]),
    );
  });

  it('is told where they fail and that is suffered', () => {
    const failing = { a: () => ({ result: { fault: 'connection refused' } }) };
    const { request, configure, server } = clusterWith(failing);
    configure('Mutating', ['a'], { failurePolicy: 'Ignore' });
    configure('Validating', ['a'], { failurePolicy: 'Ignore' });
    expect(request('POST', CONFIG_MAPS, map()).status).toBe(201);
    expect(annotationsOf(server)).toMatchObject({
      'failed-open.mutation.webhook.admission.k8s.io/round_0_index_0': 'a.example.com',
      'failed-open.validating.webhook.admission.k8s.io/round_0_index_0': 'a.example.com',
    });
  });
});

describe('what policies found', () => {
  it('is told where they are to audit, with what they have to say', () => {
    const { request, server } = createApiHarness();
    const validations = [{ expression: 'false', message: 'hm' }];
    const auditAnnotations = [{ key: 'size', valueExpression: 'string(size(object.data))' }];
    const spec = { matchConstraints: { resourceRules: [RULE] }, validations, auditAnnotations };
    request('POST', `${ADMISSION}/validatingadmissionpolicies`, { metadata: { name: 'p' }, spec });
    const binding = { policyName: 'p', validationActions: ['Audit'] };
    request('POST', `${ADMISSION}/validatingadmissionpolicybindings`, { metadata: { name: 'b' }, spec: binding });
    tell(server, 'Metadata');
    expect(request('POST', CONFIG_MAPS, map()).status).toBe(201);
    const { 'validation.policy.admission.k8s.io/validation_failure': failure, ...rest } = annotationsOf(server);
    expect(rest).toEqual({ 'p/size': '1' });
    expect(JSON.parse(failure)).toEqual([
      { message: 'hm', policy: 'p', binding: 'b', expressionIndex: 0, validationActions: ['Audit'] },
    ]);
  });
});

describe('what tokens are', () => {
  const ACCOUNT = '/api/v1/namespaces/default/serviceaccounts/default';

  it('is told when they are issued and when they are used', () => {
    const { request, server } = createApiHarness({ tokenKeys: fakeTokenKeys() });
    tell(server, 'Metadata');
    request('POST', `${ACCOUNT}/token`, { spec: { audiences: [] } });
    expect(annotationsOf(server)).toEqual({
      'authentication.kubernetes.io/issued-credential-id': expect.stringMatching(/^JTI=[0-9a-f-]{36}$/),
    });
    const { metadata: account } = request('GET', ACCOUNT).json;
    const token = server.authentication.accountTokens!.issueLegacy(account, 't');
    const metadata = { name: 't', annotations: { 'kubernetes.io/service-account.name': 'default' } };
    const secret = { metadata, type: 'kubernetes.io/service-account-token', data: { token: btoa(token) } };
    request('POST', '/api/v1/namespaces/default/secrets', secret);
    const reply = { respond: () => undefined, stream: () => ({ write: () => undefined, end: () => undefined }) };
    const asked = { method: 'GET', path: '/api', query: '', headers: {}, body: new Uint8Array() };
    server.handle({ ...asked, user: clusterAdministrator, token }, reply);
    expect(annotationsOf(server)).toEqual({
      'authentication.k8s.io/legacy-token': 'system:serviceaccount:default:default',
      'authentication.k8s.io/legacy-token-manual-secret': 't',
    });
  });
});
