import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { clusterRoleBinding } from '../../kinds/cluster-role-binding.js';
import { clusterRole } from '../../kinds/cluster-role.js';
import { deepEqual } from '../../machinery/equality.js';

const rule = (resource: string) => ({ verbs: ['get'], apiGroups: [''], resources: [resource] });
const labels = { 'example.com/to': 'sum' };

function worldWithSum() {
  const world = new ControllerWorld();
  // As upstream's bootstrap policy has it.
  const metadata = { name: 'system:controller:clusterrole-aggregation-controller' };
  const apiGroup = 'rbac.authorization.k8s.io';
  const rules = [{ verbs: ['escalate', 'patch', 'update'], apiGroups: [apiGroup], resources: ['clusterroles'] }];
  const roleRef = { apiGroup, kind: 'ClusterRole', name: metadata.name };
  const account = { kind: 'ServiceAccount', name: 'clusterrole-aggregation-controller', namespace: 'kube-system' };
  world.client.create(clusterRole, undefined, { metadata, rules });
  world.client.create(clusterRoleBinding, undefined, { metadata, roleRef, subjects: [account] });
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: labels }] };
  world.client.create(clusterRole, undefined, { metadata: { name: 'sum' }, aggregationRule });
  const part = (name: string, ...resources: readonly string[]) =>
    world.client.create(clusterRole, undefined, { metadata: { name, labels }, rules: resources.map(rule) });
  const sum = () => {
    world.run(1);
    return world.client.get(clusterRole, 'sum')?.rules;
  };
  return { world, part, sum };
}

describe('clusterrole-aggregation-controller', () => {
  it('puts together the rules of the roles that are selected, each once, in the order of names', () => {
    const { part, sum } = worldWithSum();
    part('b', 'pods', 'services');
    part('a', 'pods');
    expect(sum()).toEqual([rule('pods'), rule('services')]);
  });

  it('follows parts that change, leave and go', () => {
    const { world, part, sum } = worldWithSum();
    part('a', 'pods');
    part('b', 'services');
    expect(sum()).toEqual([rule('pods'), rule('services')]);
    const a = world.client.get(clusterRole, 'a')!;
    world.client.update(clusterRole, { ...a, rules: [rule('nodes')] });
    expect(sum()).toEqual([rule('nodes'), rule('services')]);
    const b = world.client.get(clusterRole, 'b')!;
    world.client.update(clusterRole, { ...b, metadata: { ...b.metadata, labels: {} } });
    expect(sum()).toEqual([rule('nodes')]);
    world.client.delete(clusterRole, world.client.get(clusterRole, 'a')!);
    expect(sum()).toBeNull();
  });

  it('puts back what somebody else writes into the sum', () => {
    const { world, part, sum } = worldWithSum();
    part('a', 'pods');
    sum();
    const found = world.client.get(clusterRole, 'sum')!;
    world.client.update(clusterRole, { ...found, rules: [rule('secrets')] });
    expect(deepEqual(sum(), [rule('pods')])).toBe(true);
  });
});
