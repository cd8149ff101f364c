import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { KubectlSession } from '../support/kubectl-session.js';
import type { AnyObject } from '../support/test-cluster.js';
import { createWebPod } from '../support/web-pod.js';

jest.setTimeout(60_000);

let session: KubectlSession;
beforeAll(async () => {
  session = await KubectlSession.start({ name: 'debug', latency: 'instant', topology: { workers: 1 } });
  await createWebPod(session.cluster);
});
afterAll(() => session.end());

interface Named {
  readonly name: string;
  readonly image: string;
}
interface Pod extends AnyObject {
  readonly spec: {
    readonly nodeName: string;
    readonly hostPID?: boolean;
    readonly shareProcessNamespace?: boolean;
    readonly containers: readonly Named[];
    readonly ephemeralContainers?: readonly (Named & { readonly targetContainerName?: string })[];
  };
  readonly status: {
    readonly ephemeralContainerStatuses?: readonly { readonly name: string; readonly state: object }[];
  };
}

const debug = (...args: readonly string[]) =>
  session.run('debug', '--profile=general', '--image=busybox:1.36', ...args);
const pod = (name: string) => session.json<Pod>('pod', name);

describe('kubectl debug', () => {
  it('puts a container into a running pod, which programs can be run in', async () => {
    await debug('web', '--target=app', '-c', 'look', '--', 'sleep', '3600');
    await eventually(async () => {
      const [status] = (await pod('web')).status.ephemeralContainerStatuses ?? [];
      expect(status).toMatchObject({ name: 'look', state: { running: {} } });
    });
    const { spec } = await pod('web');
    expect(spec.ephemeralContainers).toMatchObject([
      { name: 'look', image: 'busybox:1.36', targetContainerName: 'app' },
    ]);
    expect(await session.run('exec', 'web', '-c', 'look', '--', 'echo', 'seen')).toBe('seen\n');
    expect(await session.run('describe', 'pod', 'web')).toMatch(/^Ephemeral Containers:\n {2}look:$/m);
  });

  it('shows what such a container says', async () => {
    const output = await debug(
      'web',
      '-i',
      '--quiet',
      '-c',
      'speak',
      '--',
      'sh',
      '-c',
      'sleep 1; echo spoken; sleep 1',
    );
    expect(output).toContain('spoken\n');
    expect(await session.run('logs', 'web', '-c', 'speak')).toBe('spoken\n');
    const { state } = (await pod('web')).status.ephemeralContainerStatuses!.find(({ name }) => name === 'speak')!;
    expect(state).toMatchObject({ terminated: { exitCode: 0, reason: 'Completed' } });
  });

  it('makes a copy of a pod, with one container more or with other images', async () => {
    await debug('web', '--copy-to=copied', '--share-processes', '-c', 'look', '--', 'sleep', '3600');
    await session.run('wait', '--for=condition=Ready', 'pod/copied', '--timeout=30s');
    const { spec, metadata } = await pod('copied');
    expect(spec.shareProcessNamespace).toBe(true);
    expect(spec.containers.map(({ name }) => name)).toEqual(['app', 'look']);
    expect(metadata.labels).toBeUndefined();
    await session.run('debug', 'web', '--profile=general', '--copy-to=other', '--set-image=*=registry.example/web:2');
    expect((await pod('other')).spec.containers.map(({ image }) => image)).toEqual(['registry.example/web:2']);
  });

  it('makes a pod on a node', async () => {
    const output = await debug('node/worker-1', '--', 'sleep', '3600');
    const [, name = ''] = /Creating debugging pod (\S+) with container debugger on node worker-1\./.exec(output) ?? [];
    await session.run('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=30s');
    expect((await pod(name)).spec).toMatchObject({ nodeName: 'worker-1', hostPID: true });
  });
});
