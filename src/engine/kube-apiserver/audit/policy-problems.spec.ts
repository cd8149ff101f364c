import { readAuditPolicy } from './policy-problems.js';

const TYPE = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy' };
const messages = (value: unknown): readonly string[] =>
  (readAuditPolicy(value).problems ?? []).map(({ message }) => message);
const ofRule = (rule: object) => messages({ ...TYPE, rules: [rule] });

describe('an audit policy that was sent', () => {
  it('is taken as it is, but for what is null', () => {
    const policy = {
      ...TYPE,
      rules: [{ level: 'Metadata', omitStages: ['RequestReceived'] }],
      omitManagedFields: true,
    };
    expect(readAuditPolicy({ ...policy, omitStages: null }).policy).toEqual(policy);
  });

  it.each([
    [{}, 'rules[0].level: Required value'],
    [
      { level: 'All' },
      'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
    ],
    [
      { level: 'None', omitStages: ['Started'] },
      'rules[0].omitStages[0]: Invalid value: "Started": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
    ],
    [
      { level: 'None', nonResourceURLs: ['healthz'] },
      `rules[0].nonResourceURLs[0]: Invalid value: "healthz": non-resource URL rules must begin with a '/' character`,
    ],
    [
      { level: 'None', nonResourceURLs: ['/a*b'] },
      `rules[0].nonResourceURLs[0]: Invalid value: "/a*b": non-resource URL wildcards '*' must be the final character of the rule`,
    ],
    [
      { level: 'None', nonResourceURLs: ['/a'], namespaces: ['b'] },
      'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
    [
      { level: 'None', resources: [{ resourceNames: ['a'] }] },
      'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
    ],
    [{ level: 'None', user: ['a'] }, 'strict decoding error: unknown field "rules[0].user"'],
    [{ level: 'None', users: 'a' }, 'rules[0].users must be a list of strings'],
    [{ level: 'None', resources: ['pods'] }, 'rules[0].resources[0] must be an object'],
    [{ level: 'None', omitManagedFields: 'yes' }, 'rules[0].omitManagedFields must be true or false'],
  ])('with the rule %j is refused: %s', (rule, message) => {
    expect(ofRule(rule)).toEqual([message]);
  });

  it('with the version in a group is refused in the words of names', () => {
    const [message] = ofRule({ level: 'None', resources: [{ group: 'rbac.authorization.k8s.io/v1' }] });
    expect(message).toMatch(
      /^rules\[0\]\.resources\.group: Invalid value: "rbac\.authorization\.k8s\.io\/v1": a lowercase/,
    );
  });

  it('without rules, or of another kind, is refused', () => {
    expect(messages({ ...TYPE, rules: [] })).toEqual(['loaded illegal policy with 0 rules']);
    expect(messages(TYPE)).toEqual(['loaded illegal policy with 0 rules']);
    expect(messages([])).toEqual(['the policy must be an object']);
    expect(messages({ rules: [{ level: 'None' }] })).toEqual(["Object 'Kind' is missing in the policy"]);
    expect(messages({ ...TYPE, apiVersion: 'audit.k8s.io/v1beta1', rules: [{ level: 'None' }] })).toEqual([
      'no kind "Policy" is registered for version "audit.k8s.io/v1beta1": a Policy of audit.k8s.io/v1 is wanted',
    ]);
  });

  it('names fields below where it stands', () => {
    expect(readAuditPolicy({ ...TYPE, rules: [{}] }, 'audit.policy').problems).toEqual([
      { field: 'audit.policy.rules[0].level', message: 'audit.policy.rules[0].level: Required value' },
    ]);
  });
});
