import { ControllerWorld } from '../../../../test/support/controller-world.js';

const policyOf = (validations: readonly object[], resources = ['deployments']) => ({
  metadata: { name: 'p' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources }],
    },
    variables: [{ name: 'n', expression: 'object.spec.replicas' }],
    validations,
  },
});

const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';

function statusOf(policy: object): unknown {
  const world = new ControllerWorld({ nodes: [] });
  world.harness.request('POST', POLICIES, policy);
  world.run(1);
  return world.harness.request('GET', `${POLICIES}/p`).json.status;
}

describe('validatingadmissionpolicy-status', () => {
  it('says which expressions do not fit the types that the policy is about', () => {
    const validations = [
      { expression: 'object.spec.replicaz > 1' },
      { expression: "object.metadata.name == 'x'" },
      { expression: "variables.n == 'x'", messageExpression: "'q' + string(object.spec.nope)" },
    ];
    expect(statusOf(policyOf(validations))).toEqual({
      observedGeneration: 1,
      typeChecking: {
        expressionWarnings: [
          {
            fieldRef: 'spec.validations[0].expression',
            warning:
              "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replicaz'\n | object.spec.replicaz > 1\n | ...........^\n",
          },
          {
            fieldRef: 'spec.validations[2].expression',
            warning:
              "apps/v1, Kind=Deployment: ERROR: <input>:1:13: found no matching overload for '_==_' applied to '(int, string)'\n | variables.n == 'x'\n | ............^\n",
          },
          {
            fieldRef: 'spec.validations[2].messageExpression',
            warning:
              "apps/v1, Kind=Deployment: ERROR: <input>:1:25: undefined field 'nope'\n | 'q' + string(object.spec.nope)\n | ........................^\n",
          },
        ],
      },
    });
  });

  it('knows the types that the cluster has defined itself, with their metadata whole', () => {
    const world = new ControllerWorld({ nodes: [] });
    const properties = { spec: { type: 'object', properties: { size: { type: 'integer' } } } };
    const version = {
      name: 'v1',
      served: true,
      storage: true,
      schema: { openAPIV3Schema: { type: 'object', properties } },
    };
    world.harness.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [version],
      },
    });
    world.run(5);
    world.harness.request('POST', POLICIES, {
      metadata: { name: 'p' },
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['widgets'] },
          ],
        },
        paramKind: { apiVersion: 'example.com/v1', kind: 'Widget' },
        validations: [
          { expression: 'object.spec.sise > 1' },
          { expression: 'params.spec.width > 1' },
          { expression: 'object.spec.size > 1 && size(object.metadata.labels) > 0' },
        ],
      },
    });
    world.run(1);
    expect(world.harness.request('GET', `${POLICIES}/p`).json.status).toEqual({
      observedGeneration: 1,
      typeChecking: {
        expressionWarnings: [
          {
            fieldRef: 'spec.validations[0].expression',
            warning:
              "example.com/v1, Kind=Widget: ERROR: <input>:1:12: undefined field 'sise'\n | object.spec.sise > 1\n | ...........^\n",
          },
          {
            fieldRef: 'spec.validations[1].expression',
            warning:
              "example.com/v1, Kind=Widget: ERROR: <input>:1:12: undefined field 'width'\n | params.spec.width > 1\n | ...........^\n",
          },
        ],
      },
    });
  });

  it('has nothing to say where any type may come', () => {
    expect(statusOf(policyOf([{ expression: 'object.spec.replicaz > 1' }], ['*']))).toEqual({ observedGeneration: 1 });
  });
});
