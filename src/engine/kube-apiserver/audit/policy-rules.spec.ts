import fc from 'fast-check';
import { AUDIT_LEVELS, AUDIT_STAGES, type AuditPolicy, type AuditPolicyRule } from './audit-policy.js';
import { auditDecision, type AuditedRequest } from './policy-rules.js';

const GROUPS = ['', 'apps', 'batch'];
const RESOURCES = ['pods', 'secrets', 'deployments'];
const SUBRESOURCES = ['', 'status', 'log'];
const NAMES = ['', 'a', 'b'];
const NAMESPACES = ['', 'default', 'kube-system'];
const VERBS = ['get', 'list', 'create'];
const USERS = ['alice', 'bob'];
const USER_GROUPS = ['dev', 'ops'];
const PATHS = ['/', '/healthz', '/healthz/etcd', '/metrics', '/apis'];
const URLS = [...PATHS, '*', '/healthz*', '/healthz/*', '/*'];
const POLICY_RESOURCES = [...RESOURCES, '*', 'pods/*', 'pods/log', '*/status', '*/*', 'deployments/status'];

const someOf = (values: readonly string[]) => fc.option(fc.subarray([...values]), { nil: undefined });
const present = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;

const groupResources = fc
  .record({
    group: fc.option(fc.constantFrom(...GROUPS), { nil: undefined }),
    resources: someOf(POLICY_RESOURCES),
    resourceNames: someOf(NAMES),
  })
  .map(present);

const anyRule = fc
  .record({
    level: fc.constantFrom(...AUDIT_LEVELS),
    users: someOf(USERS),
    userGroups: someOf(USER_GROUPS),
    verbs: someOf(VERBS),
    namespaces: someOf(NAMESPACES),
    resources: fc.option(fc.array(groupResources, { maxLength: 2 }), { nil: undefined }),
    nonResourceURLs: someOf(URLS),
    omitStages: fc.option(fc.subarray([...AUDIT_STAGES]), { nil: undefined }),
    omitManagedFields: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map((rule) => present(rule) as AuditPolicyRule);

const anyPolicy = fc
  .record({
    rules: fc.array(anyRule, { minLength: 1, maxLength: 5 }),
    omitStages: fc.option(fc.subarray([...AUDIT_STAGES]), { nil: undefined }),
    omitManagedFields: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map((policy) => ({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', ...present(policy) }) as AuditPolicy);

const resourceRequest = fc.record({
  verb: fc.constantFrom(...VERBS),
  group: fc.constantFrom(...GROUPS),
  version: fc.constant('v1'),
  resource: fc.constantFrom(...RESOURCES),
  subresource: fc.constantFrom(...SUBRESOURCES),
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom(...NAMES),
  path: fc.constant('/api/v1/whatever'),
  isResource: fc.constant(true),
});
const otherRequest = fc.record({
  verb: fc.constantFrom(...VERBS),
  path: fc.constantFrom(...PATHS),
  isResource: fc.constant(false),
  ...Object.fromEntries(
    ['group', 'version', 'resource', 'subresource', 'namespace', 'name'].map((key) => [key, fc.constant('')]),
  ),
}) as unknown as fc.Arbitrary<AuditedRequest>;
const anyRequest: fc.Arbitrary<AuditedRequest> = fc.oneof(resourceRequest, otherRequest);
const anyUser = fc.option(
  fc.record({ username: fc.constantFrom(...USERS, 'carol'), groups: fc.subarray([...USER_GROUPS]) }),
  { nil: undefined },
);

/** A rule as the set of the words that it would be satisfied with, one question after the other. */
function model(
  rule: AuditPolicyRule,
  request: AuditedRequest,
  user: { username: string; groups: string[] } | undefined,
) {
  const asks = (list: readonly unknown[] | undefined) => list !== undefined && list.length > 0;
  const globbed = (pattern: string, text: string) =>
    new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\\\*$/, '.*')}$`).test(text);
  const whole = request.subresource === '' ? request.resource : `${request.resource}/${request.subresource}`;
  const accepted = new Set(['*', whole, `${request.resource}/*`]);
  if (request.subresource !== '') accepted.add(`*/${request.subresource}`);
  const questions = [
    () => !asks(rule.users) || (user !== undefined && rule.users!.includes(user.username)),
    () => !asks(rule.userGroups) || (user?.groups ?? []).some((each) => rule.userGroups!.includes(each)),
    () => !asks(rule.verbs) || rule.verbs!.includes(request.verb),
    () => !(asks(rule.namespaces) || asks(rule.resources)) || request.isResource,
    () => !asks(rule.namespaces) || rule.namespaces!.includes(request.namespace),
    () =>
      !asks(rule.resources) ||
      rule.resources!.some(
        ({ group = '', resources = [], resourceNames = [] }) =>
          group === request.group &&
          (resources.length === 0 ||
            (resources.some((each) => accepted.has(each)) &&
              (resourceNames.length === 0 || resourceNames.includes(request.name)))),
      ),
    () =>
      asks(rule.namespaces) ||
      asks(rule.resources) ||
      !asks(rule.nonResourceURLs) ||
      (!request.isResource && rule.nonResourceURLs!.some((url) => globbed(url, request.path))),
  ];
  return questions.every((holds) => holds());
}

describe('an audit policy', () => {
  it('decides as the first rule does whose every question holds', () => {
    fc.assert(
      fc.property(anyPolicy, anyRequest, anyUser, (policy, request, user) => {
        const rule = policy.rules.find((each) => model(each, request, user));
        const decision = auditDecision(policy, request, user);
        expect(decision.level).toBe(rule?.level ?? 'None');
        expect(decision.omitManagedFields).toBe(rule?.omitManagedFields ?? policy.omitManagedFields ?? false);
        expect(new Set(decision.omitStages)).toEqual(
          new Set([...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])]),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('tells nothing of what no rule matches', () => {
    const policy: AuditPolicy = {
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      rules: [{ level: 'Request', verbs: ['delete'] }],
    };
    const request = { verb: 'get', path: '/healthz', isResource: false } as AuditedRequest;
    expect(auditDecision(policy, request, undefined).level).toBe('None');
  });
});
