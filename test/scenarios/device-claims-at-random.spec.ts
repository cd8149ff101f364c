import { Random } from '../../src/engine/kernel/random.js';
import { ClusterHarness } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';

const GROUP = '/apis/resource.k8s.io/v1';
const CLAIMS = `${GROUP}/namespaces/default/resourceclaims`;
const DRIVER = 'gpu.example.com';
const SEEDS = [1, 2, 3, 4, 5, 6];
const STEPS = 40;
const NODES = ['worker-1', 'worker-2', 'worker-3'];

/** Pods come and go, share claims, and are deleted by force; nodes' devices come, go and change. */
class RandomCluster {
  readonly harness = new ClusterHarness({ latency: 'instant' });
  readonly #random: Random;
  #count = 0;

  constructor(seed: number) {
    this.#random = Random.seeded(seed);
    const { harness } = this;
    harness.request('POST', `${GROUP}/deviceclasses`, { metadata: { name: 'gpu' }, spec: {} });
    for (const count of [1, 2]) {
      const spec = { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count } }] } } };
      const path = `${GROUP}/namespaces/default/resourceclaimtemplates`;
      harness.request('POST', path, { metadata: { name: `take-${count}` }, spec });
    }
    for (const name of ['s1', 's2']) this.#addShared(name);
    for (const name of NODES) this.#publish(name);
  }

  step(): void {
    const { harness } = this;
    const pods = harness.pods().map(({ metadata }) => metadata.name as string);
    const lot = this.#random.below(10);
    if (lot < 5) this.#addPod();
    else if (lot < 8 && pods.length > 0) this.#deletePod(this.#one(pods));
    else if (lot === 8) this.#publish(this.#one(NODES));
    else if (pods.length > 0) this.#finish(this.#one(pods));
    harness.runFor(this.#random.below(4));
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)]!;
  }

  #addShared(name: string): void {
    const devices = { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] };
    this.harness.request('POST', CLAIMS, { metadata: { name }, spec: { devices } });
  }

  #addPod(): void {
    const source = this.#one<Json>([
      { resourceClaimTemplateName: 'take-1' },
      { resourceClaimTemplateName: 'take-1' },
      { resourceClaimTemplateName: 'take-2' },
      { resourceClaimName: 's1' },
      { resourceClaimName: 's2' },
    ]);
    this.harness.createPod(`p${++this.#count}`, {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: this.#random.below(3),
      containers: [{ name: 'app', image: 'busybox:1.36', command: ['sleep', '3600'] }],
      resourceClaims: [{ name: 'gpu', ...source }],
    });
  }

  #deletePod(name: string): void {
    const force = this.#random.below(2) === 0 ? '?gracePeriodSeconds=0' : '';
    this.harness.request('DELETE', `/api/v1/namespaces/default/pods/${name}${force}`);
  }

  #finish(name: string): void {
    const path = `/api/v1/namespaces/default/pods/${name}/status`;
    if (this.harness.pod(name).status.phase !== 'Running') return;
    this.harness.request('PATCH', path, { status: { phase: 'Succeeded' } }, 'application/merge-patch+json');
  }

  /** The driver of a node replaces what it has published by a new generation. */
  #publish(nodeName: string): void {
    const path = `${GROUP}/resourceslices`;
    const old = this.harness.list(path).find(({ spec }) => spec.nodeName === nodeName);
    const generation = Number(old?.spec.pool.generation ?? 0) + 1;
    const count = this.#random.below(4);
    const spec = {
      driver: DRIVER,
      nodeName,
      pool: { name: nodeName, generation, resourceSliceCount: 1 },
      devices: Array.from({ length: count }, (_, index) => ({ name: `gpu-${index}` })),
    };
    if (old === undefined) this.harness.request('POST', path, { metadata: { name: nodeName }, spec });
    else this.harness.request('PUT', `${path}/${nodeName}`, { ...old, spec });
  }
}

const devicesOf = ({ status }: Json): readonly string[] =>
  (status?.allocation?.devices?.results ?? []).map(({ pool, device }: Json) => `${pool}/${device}`);

describe('device claims in a busy cluster', () => {
  it.each(SEEDS)('never share a device, and leave none idle that is wanted (seed %i)', (seed) => {
    const random = new RandomCluster(seed);
    const { harness } = random;
    for (let step = 0; step < STEPS; step++) {
      random.step();
      const taken = harness.list(CLAIMS).flatMap(devicesOf);
      expect(new Set(taken).size).toBe(taken.length);
    }
    harness.runFor(400);
    const claims = new Map(harness.list(CLAIMS).map((claim) => [claim.metadata.name as string, claim]));
    const pods = harness.pods();
    const claimOf = ({ spec, status }: Json): Json =>
      claims.get(spec.resourceClaims[0].resourceClaimName ?? status.resourceClaimStatuses?.[0].resourceClaimName);

    for (const pod of pods.filter(({ status }) => status.phase === 'Running')) {
      const claim = claimOf(pod);
      expect(claim?.status.reservedFor).toContainEqual({
        resource: 'pods',
        name: pod.metadata.name,
        uid: pod.metadata.uid,
      });
      for (const device of devicesOf(claim)) expect(device.startsWith(`${pod.spec.nodeName}/`)).toBe(true);
    }

    const living = new Set(
      pods.filter(({ status }) => status.phase !== 'Succeeded').map(({ metadata }) => metadata.uid),
    );
    for (const { metadata, status } of claims.values()) {
      const [owner] = metadata.ownerReferences ?? [];
      if (owner !== undefined) expect(living).toContain(owner.uid);
      const users = (status.reservedFor ?? []) as readonly Json[];
      for (const { uid } of users) expect(living).toContain(uid);
      expect(status.allocation === undefined).toBe(users.length === 0);
      expect(metadata.finalizers === undefined).toBe(users.length === 0);
    }

    const taken = new Set(Array.from(claims.values()).flatMap(devicesOf));
    const free = NODES.map((nodeName) => {
      const slice = harness.get(`${GROUP}/resourceslices/${nodeName}`);
      return slice.spec.devices?.filter(({ name }: Json) => !taken.has(`${nodeName}/${name}`)).length ?? 0;
    });
    for (const pod of pods.filter(({ status }) => status.phase === 'Pending')) {
      const [request] = claimOf(pod).spec.devices.requests;
      expect(Math.max(...free)).toBeLessThan(request.exactly.count);
    }
  });
});
