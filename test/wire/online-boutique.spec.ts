import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.js';
import { kubectl, startKubectl } from '../support/kubectl.js';
import { TestServer } from '../support/server.js';
import { TestCluster, type AnyObject } from '../support/test-cluster.js';

const SHOP = fileURLToPath(new URL('manifests/shop.yaml', import.meta.url));
const BOUTIQUE = fileURLToPath(
  new URL('../../../shared/inputs/online-boutique/kubernetes-manifests.yaml', import.meta.url),
);
/** Probes wait for tens of simulated seconds, and grace periods as long. */
const CLOCK = { mode: 'scaled', rate: 60 } as const;

interface EndpointSlice extends AnyObject {
  readonly endpoints?: readonly { readonly addresses: readonly string[]; readonly conditions: { ready?: boolean } }[];
  readonly ports?: readonly { readonly port: number }[];
}

interface Pod extends AnyObject {
  readonly spec: { readonly nodeName?: string; readonly containers: readonly { readonly image: string }[] };
  readonly status: { readonly phase: string };
}

jest.setTimeout(60_000);

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

/** What a tool printed; its error fails the test. */
async function succeed(kubeconfig: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await kubectl(kubeconfig, ...args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}

async function applied(name: string, manifest: string) {
  const cluster = await TestCluster.create(server, { name, clock: CLOCK, latency: 'fast', seed: 11 });
  const kubeconfig = await cluster.kubeconfig();
  const run = (...args: readonly string[]): Promise<string> => succeed(kubeconfig, ...args);
  await run('apply', '-f', manifest);
  await run('wait', '--for=condition=Available', 'deployment', '--all', '--timeout=50s');
  return { cluster, kubeconfig, run };
}

const readyEndpoints = (slices: readonly EndpointSlice[], service: string): number =>
  slices
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service)
    .flatMap((slice) => slice.endpoints ?? [])
    .filter(({ conditions }) => conditions.ready).length;

/** Every object of a manifest, by kind and name, with its resource version. */
async function versionsOf(run: (...args: readonly string[]) => Promise<string>, manifest: string) {
  const { items } = JSON.parse(await run('get', '-f', manifest, '-o', 'json')) as { items: readonly AnyObject[] };
  return items.map(({ kind, metadata }) => [kind, metadata.name, metadata.resourceVersion]);
}

async function expectSecondApplyChangesNothing(run: (...args: readonly string[]) => Promise<string>, manifest: string) {
  const before = await versionsOf(run, manifest);
  const lines = (await run('apply', '-f', manifest)).trim().split('\n');
  expect(lines.filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
  expect(lines).toHaveLength(before.length);
  expect(await versionsOf(run, manifest)).toEqual(before);
}

const describeBoutique = existsSync(BOUTIQUE) ? describe : describe.skip;

describeBoutique('the online boutique (skipped where ../shared/inputs is absent)', () => {
  let boutique: Awaited<ReturnType<typeof applied>>;
  beforeAll(async () => {
    boutique = await applied('boutique', BOUTIQUE);
  });
  afterAll(() => boutique.cluster.cleanUp());

  it('has every pod running', async () => {
    const pods = await boutique.cluster.list<Pod>('/api/v1/namespaces/default/pods');
    expect(pods.map(({ status }) => status.phase)).toEqual(Array.from({ length: 12 }, () => 'Running'));
  });

  it('has EndpointSlices for every Service', async () => {
    const services = await boutique.cluster.list('/api/v1/namespaces/default/services');
    const names = services.map(({ metadata }) => metadata.name).filter((name) => name !== 'kubernetes');
    expect(names).toHaveLength(12);
    await eventually(async () => {
      const slices = await boutique.cluster.list<EndpointSlice>(
        '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
      );
      expect(names.map((name) => [name, readyEndpoints(slices, name)])).toEqual(names.map((name) => [name, 1]));
    });
  });

  it('is left alone by a second apply', () => expectSecondApplyChangesNothing(boutique.run, BOUTIQUE));
});

describe('kubectl with a shop', () => {
  let shop: Awaited<ReturnType<typeof applied>>;
  const run = (...args: readonly string[]): Promise<string> => shop.run(...args);
  const pods = (app: string): Promise<readonly Pod[]> =>
    shop.cluster.list<Pod>(`/api/v1/namespaces/default/pods?labelSelector=app%3D${app}`);

  beforeAll(async () => {
    shop = await applied('shop', SHOP);
  });
  afterAll(() => shop.cluster.cleanUp());

  it('sees endpoints behind every Service that selects pods', async () => {
    await eventually(async () => {
      const slices = await shop.cluster.list<EndpointSlice>(
        '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
      );
      const counts = ['storefront', 'storefront-external', 'catalog', 'basket', 'payments'].map((name) => [
        name,
        readyEndpoints(slices, name),
      ]);
      expect(counts).toEqual([
        ['storefront', 2],
        ['storefront-external', 2],
        ['catalog', 1],
        ['basket', 1],
        ['payments', 0],
      ]);
    });
  });

  it('is left alone by a second apply', () => expectSecondApplyChangesNothing(run, SHOP));

  it('gets everything, wide', async () => {
    const output = await run('get', 'all', '-A', '-o', 'wide');
    expect(output).toMatch(/NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES/);
    expect(output).toMatch(
      /default +pod\/storefront-\S+ +1\/1 +Running +0 +\S+ +10\.\S+ +worker-[123] +<none> +<none>/,
    );
    expect(output).toMatch(/kube-system +pod\/kube-apiserver-control-plane-1 +1\/1 +Running/);
    expect(output).toMatch(/default +service\/payments +ExternalName +<none> +payments\.example\.com +<none>/);
    expect(output).toMatch(/default +service\/basket +ClusterIP +None +<none> +6379\/TCP/);
    expect(output).toMatch(
      /default +deployment\.apps\/storefront +2\/2 +2 +2 +\S+ +server +\S+:v1\.4\.2 +app=storefront/,
    );
    expect(output).toMatch(/default +replicaset\.apps\/storefront-\S+ +2 +2 +2/);
  });

  it('gets the nodes, wide', async () => {
    const output = await run('get', 'nodes', '-o', 'wide');
    expect(output).toMatch(/control-plane-1 +Ready +control-plane +\S+ +v1\.35\.2/);
    expect(output.match(/worker-[123] +Ready +\S+ +\S+ +v1\.35\.2/g)).toHaveLength(3);
  });

  it('describes a pod', async () => {
    const [pod] = await pods('storefront');
    const output = await run('describe', 'pod', pod!.metadata.name);
    expect(output).toMatch(/^Service Account: +storefront$/m);
    expect(output).toMatch(/^Node: +worker-[123]\/\d/m);
    expect(output).toMatch(/^Status: +Running$/m);
    expect(output).toMatch(/^Controlled By: +ReplicaSet\/storefront-/m);
    expect(output).toMatch(/Liveness: +http-get http:\/\/:8080\/healthz delay=10s timeout=1s period=10s/);
    expect(output).toMatch(/^QoS Class: +Burstable$/m);
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started']) expect(output).toContain(` ${reason} `);
  });

  it('describes a Deployment', async () => {
    const output = await run('describe', 'deployment', 'storefront');
    expect(output).toMatch(/Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/);
    expect(output).toMatch(/Available +True +MinimumReplicasAvailable/);
    expect(output).toMatch(/ScalingReplicaSet +\S+ +deployment-controller +Scaled up replica set storefront-/);
  });

  it('describes a node', async () => {
    const output = await run('describe', 'node', 'worker-1');
    expect(output).toMatch(/Ready +True .*KubeletReady/);
    expect(output).toMatch(/^Capacity:$/m);
    expect(output).toMatch(/^Non-terminated Pods: +\(\d+ in total\)$/m);
    expect(output).toMatch(/HolderIdentity: +worker-1/);
  });

  it('describes a Service', async () => {
    const output = await run('describe', 'service', 'storefront');
    expect(output).toMatch(/^Endpoints: +10\.\S+:8080,10\.\S+:8080$/m);
    expect(output).toMatch(/^TargetPort: +http\/TCP$/m);
  });

  it('reads logs', async () => {
    const { code, stderr } = await kubectl(shop.kubeconfig, 'logs', 'deployment/basket');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('scales', async () => {
    await run('scale', 'deployment/catalog', '--replicas=4');
    await run('rollout', 'status', 'deployment/catalog', '--timeout=40s');
    expect(await pods('catalog')).toHaveLength(4);
    await run('scale', 'deployment/catalog', '--current-replicas=4', '--replicas=1');
    await eventually(async () => (await pods('catalog')).length === 1);
  });

  it('rolls an image out, and undoes it', async () => {
    await run('set', 'image', 'deployment/storefront', 'server=registry.example.com/shop/storefront:v2.0.0');
    expect(await run('rollout', 'status', 'deployment/storefront', '--timeout=40s')).toContain(
      'deployment "storefront" successfully rolled out',
    );
    const images = async (): Promise<readonly (string | undefined)[]> =>
      (await pods('storefront'))
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ spec }) => spec.containers[0]?.image.replace(/.*:/, ''));
    await eventually(async () => expect(await images()).toEqual(['v2.0.0', 'v2.0.0']));
    expect(await run('rollout', 'history', 'deployment/storefront')).toMatch(/^1 .*\n2 /m);
    await run('rollout', 'undo', 'deployment/storefront');
    await run('rollout', 'status', 'deployment/storefront', '--timeout=40s');
    await eventually(async () => expect(await images()).toEqual(['v1.4.2', 'v1.4.2']));
  });

  it('restarts a rollout', async () => {
    const [before] = await pods('basket');
    await run('rollout', 'restart', 'deployment/basket');
    await run('rollout', 'status', 'deployment/basket', '--timeout=40s');
    await eventually(async () => !(await pods('basket')).some(({ metadata }) => metadata.uid === before!.metadata.uid));
  });

  it('deletes a pod, which is replaced', async () => {
    const [victim] = await pods('basket');
    await run('delete', 'pod', victim!.metadata.name, '--timeout=40s');
    await run('wait', '--for=condition=Available', 'deployment/basket', '--timeout=40s');
    await eventually(async () => {
      const names = (await pods('basket')).map(({ metadata }) => metadata.name);
      expect(names).toHaveLength(1);
      expect(names).not.toContain(victim!.metadata.name);
    });
  });

  it('keeps pods off a node that is cordoned', async () => {
    await run('cordon', 'worker-2');
    expect(await run('get', 'node', 'worker-2')).toMatch(/Ready,SchedulingDisabled/);
    const before = new Set((await pods('visitors')).map(({ metadata }) => metadata.uid));
    await run('scale', 'deployment/visitors', '--replicas=7');
    await run('rollout', 'status', 'deployment/visitors', '--timeout=40s');
    const added = (await pods('visitors')).filter(({ metadata }) => !before.has(metadata.uid));
    expect(added).toHaveLength(6);
    expect(added.map(({ spec }) => spec.nodeName)).not.toContain('worker-2');
    await run('uncordon', 'worker-2');
    expect(await run('get', 'node', 'worker-2')).not.toContain('SchedulingDisabled');
  });

  it('drains a node', async () => {
    await run('drain', 'worker-1', '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=50s');
    const left = await shop.cluster.list<Pod>('/api/v1/namespaces/default/pods?fieldSelector=spec.nodeName%3Dworker-1');
    expect(left.map(({ metadata }) => metadata.name)).toEqual([]);
    await run('wait', '--for=condition=Available', 'deployment', '--all', '--timeout=40s');
    await run('uncordon', 'worker-1');
  });

  it('watches what is got', async () => {
    const watch = await startKubectl(shop.kubeconfig, 'get', 'configmaps', '--watch');
    try {
      await eventually(() => watch.output().includes('catalog-settings'));
      await shop.cluster.kubernetes.post('/api/v1/namespaces/default/configmaps', {
        metadata: { name: 'seen-by-watch' },
        data: { a: '1' },
      });
      await eventually(() => expect(watch.output()).toMatch(/^seen-by-watch +1 +\S+$/m));
      await run('patch', 'configmap', 'seen-by-watch', '--type=merge', '-p', '{"data":{"b":"2"}}');
      await eventually(() => expect(watch.output()).toMatch(/^seen-by-watch +2 +\S+$/m));
    } finally {
      await watch.stop();
    }
  });

  it('waits for a condition, a field and a deletion', async () => {
    await run('run', 'waited-for', '--image=nginx:1.29', '--restart=Never');
    await run('wait', '--for=condition=Ready', 'pod/waited-for', '--timeout=30s');
    await run('wait', '--for=jsonpath={.status.phase}=Running', 'pod/waited-for', '--timeout=30s');
    const gone = run('wait', '--for=delete', 'pod/waited-for', '--timeout=40s');
    await run('delete', 'pod', 'waited-for', '--wait=false');
    await gone;
    expect((await kubectl(shop.kubeconfig, 'get', 'pod', 'waited-for')).stderr).toBe(
      'Error from server (NotFound): pods "waited-for" not found\n',
    );
  });

  it('labels, annotates, taints and edits by patch', async () => {
    await run('label', 'deployment', 'catalog', 'tier=backend');
    await run('annotate', 'deployment', 'catalog', 'example.com/reviewed=yes');
    expect(await run('get', 'deployments', '-l', 'tier=backend', '-o', 'name')).toBe('deployment.apps/catalog\n');
    await run('taint', 'node', 'worker-3', 'example.com/reserved=yes:NoSchedule');
    await run('taint', 'node', 'worker-3', 'example.com/reserved-');
    await run(
      'patch',
      'deployment',
      'catalog',
      '-p',
      '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":3}}}}',
    );
    await run('rollout', 'status', 'deployment/catalog', '--timeout=40s');
  });

  it('deletes what was applied, and all that stems from it', async () => {
    await run('delete', '-f', SHOP, '--timeout=50s');
    await eventually(async () => {
      const leftOver = [
        ...(await shop.cluster.list('/api/v1/namespaces/default/pods')),
        ...(await shop.cluster.list('/apis/apps/v1/namespaces/default/replicasets')),
        ...(await shop.cluster.list('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices')),
      ];
      expect(leftOver.map(({ metadata }) => metadata.name)).toEqual(['kubernetes']);
    });
  });
});
