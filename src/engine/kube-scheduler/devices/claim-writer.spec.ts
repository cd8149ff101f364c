import { createApiHarness, type Json } from '../../../../test/support/engine-harness.js';
import { Client } from '../../client/client.js';
import { instant, milliseconds, seconds } from '../../kernel/clock.js';
import { deviceClass } from '../../kinds/device-class.js';
import { event } from '../../kinds/event.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';
import { resourceClaim } from '../../kinds/resource-claim.js';
import { resourceSlice } from '../../kinds/resource-slice.js';
import type { ApiCall, ResourceApi } from '../../machinery/resource-api.port.js';
import { clusterAdministrator } from '../../machinery/user.js';
import { Scheduler } from '../scheduler.js';

const CLAIM = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } };

/** A scheduler whose writes into claims take a second each, as they do where a webhook is asked. */
function slowCluster(devices: readonly string[], ...claims: readonly string[]) {
  const { loop, server } = createApiHarness();
  const { resources } = server;
  const errors: string[] = [];
  const options = {
    user: clusterAdministrator,
    fieldManager: 'test',
    simulation: loop,
    propagation: milliseconds(1),
    onError: ({ message }: Error) => void errors.push(message),
  };
  const client = new Client({ ...options, api: resources });
  const slow: ResourceApi = {
    get: (kind, key) => resources.get(kind, key),
    list: (kind, namespace) => resources.list(kind, namespace),
    indexed: (kind, index, key) => resources.indexed(kind, index, key),
    subscribe: (kind, listener) => resources.subscribe(kind, listener),
    customKinds: () => resources.customKinds(),
    subscribeToKinds: (listener) => resources.subscribeToKinds(listener),
    call(call, done) {
      const isOfClaims = (call as ApiCall).kind.plural === resourceClaim.plural;
      if (isOfClaims) loop.after(seconds(1), () => resources.call(call, done));
      else resources.call(call, done);
    },
  };
  const allocatable = { cpu: '4', memory: '8Gi', pods: '110' };
  client.create(node, undefined, { metadata: { name: 'n1' }, spec: {}, status: { allocatable } });
  client.patch(node, 'n1', { spec: { taints: null } });
  client.create(deviceClass, undefined, { metadata: { name: 'gpu' }, spec: {} });
  client.create(resourceSlice, undefined, {
    metadata: { name: 's' },
    spec: {
      driver: 'd.example.com',
      nodeName: 'n1',
      pool: { name: 'n1', generation: 1, resourceSliceCount: 1 },
      devices: devices.map((name) => ({ name })),
    },
  });
  for (const name of claims) client.create(resourceClaim, 'default', { metadata: { name }, spec: CLAIM });
  new Scheduler({ client: new Client({ ...options, api: slow }) }).start();
  const run = (count: number): unknown => loop.run(instant(loop.now + count * 1_000), () => true);
  run(1);
  return {
    client,
    run,
    errors,
    addPod(name: string, claimName: string): void {
      const containers = [{ name: 'app', image: 'registry.example/app:1' }];
      const resourceClaims = [{ name: 'gpu', resourceClaimName: claimName }];
      client.create(pod, 'default', { metadata: { name }, spec: { containers, resourceClaims } });
    },
    nodeOf: (name: string) => client.get(pod, `default/${name}`)?.spec.nodeName,
    claim: (name: string): Json => client.get(resourceClaim, `default/${name}`),
    said: (name: string): readonly string[] =>
      client
        .list(event, 'default')
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ message = '' }) => message),
  };
}

describe('writing what was decided about claims', () => {
  it('lets pods that share a claim wait until its devices are written', () => {
    const { addPod, run, nodeOf, said, claim, errors } = slowCluster(['d0'], 'shared');
    addPod('a', 'shared');
    addPod('b', 'shared');
    run(1);
    expect(said('b')[0]).toContain('resource claim default/shared is in the process of being allocated');
    run(30);
    expect([nodeOf('a'), nodeOf('b')]).toEqual(['n1', 'n1']);
    expect(claim('shared').status.reservedFor.map(({ name }: Json) => name)).toEqual(['a', 'b']);
    expect(errors).toEqual([]);
  });

  it('gives a device that is being written to nobody else', () => {
    const { addPod, run, nodeOf, said, claim } = slowCluster(['d0'], 'one', 'other');
    addPod('a', 'one');
    addPod('b', 'other');
    run(30);
    expect([nodeOf('a'), nodeOf('b')]).toEqual(['n1', undefined]);
    expect(said('b')[0]).toContain('1 cannot allocate all claims');
    expect(claim('other').status).toEqual({});
  });

  it('goes on with what others have written meanwhile', () => {
    const { client, addPod, run, nodeOf, claim } = slowCluster(['d0'], 'one');
    addPod('a', 'one');
    run(0.5);
    client.patch(resourceClaim, 'default/one', { metadata: { labels: { l: '1' } } });
    run(30);
    expect(nodeOf('a')).toBe('n1');
    expect(claim('one').metadata.labels).toEqual({ l: '1' });
  });

  it('gives up a claim that is deleted meanwhile, and its device with it', () => {
    const { client, addPod, run, nodeOf, said } = slowCluster(['d0'], 'one', 'other');
    addPod('a', 'one');
    run(0.5);
    client.delete(resourceClaim, client.get(resourceClaim, 'default/one')!);
    run(10);
    expect(said('a').join('\n')).toMatch(/running PreBind plugin "DynamicResources": .*claim default\/one: /);
    addPod('b', 'other');
    run(30);
    expect([nodeOf('a'), nodeOf('b')]).toEqual([undefined, 'n1']);
  });

  it('takes a reservation back where the pod is gone', () => {
    const { client, addPod, run, claim } = slowCluster(['d0'], 'one');
    addPod('a', 'one');
    run(0.5);
    client.delete(pod, client.get(pod, 'default/a')!, { gracePeriodSeconds: 0 });
    run(30);
    expect(claim('one').status.reservedFor).toBeUndefined();
  });
});
