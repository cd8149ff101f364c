import { jest } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { eventually } from '../support/eventually.js';
import { KubectlSession } from '../support/kubectl-session.js';
import type { AnyObject } from '../support/test-cluster.js';

jest.setTimeout(60_000);

let session: KubectlSession;
beforeAll(async () => {
  session = await KubectlSession.start({ name: 'writes', latency: 'instant', topology: { workers: 1 } });
});
afterAll(() => session.end());

interface ConfigMap extends AnyObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly metadata: AnyObject['metadata'] & {
    readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[];
  };
}
interface Deployment extends AnyObject {
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly { readonly name: string; image: string }[] } };
  };
}

const settings = (name: string, data: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const deployment = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    },
  },
});
const configMap = (name: string) => session.json<ConfigMap>('configmap', name, '--show-managed-fields');

describe('kubectl apply on the client side', () => {
  it('creates, leaves alone, and configures by three-way merge', async () => {
    const file = await session.file('client', settings('client', { a: '1', b: '2' }), deployment('client', 2));
    expect(await session.run('apply', '-f', file)).toBe('configmap/client created\ndeployment.apps/client created\n');
    expect(await session.run('apply', '-f', file)).toBe(
      'configmap/client unchanged\ndeployment.apps/client unchanged\n',
    );
    await session.run('patch', 'configmap', 'client', '--type=merge', '-p', '{"data":{"others":"x"}}');
    const next = await session.file('client', settings('client', { a: '3' }));
    expect(await session.run('apply', '-f', next)).toBe('configmap/client configured\n');
    expect((await configMap('client')).data).toEqual({ a: '3', others: 'x' });
  });

  it('is told of fields that there are not', async () => {
    const file = await session.file('strict', { ...settings('strict', { a: '1' }), dota: { b: '2' } });
    const { code, stderr } = await session.attempt('apply', '-f', file);
    expect(code).toBe(1);
    expect(stderr).toContain('strict decoding error: unknown field "dota"');
    expect(await session.run('apply', '-f', file, '--validate=ignore')).toBe('configmap/strict created\n');
  });

  it('shows beforehand what it would change', async () => {
    const file = await session.file('shown', deployment('shown', 1));
    await session.run('apply', '-f', file);
    expect(await session.attempt('diff', '-f', file)).toMatchObject({ stdout: '', code: 0 });
    const next = await session.file('shown', deployment('shown', 3));
    for (const how of [[], ['--server-side', '--force-conflicts']]) {
      const { stdout, code } = await session.attempt('diff', ...how, '-f', next);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^- {2}replicas: 1\n\+ {2}replicas: 3$/m);
      expect(stdout).toMatch(/^- {2}generation: 1\n\+ {2}generation: 2$/m);
    }
    expect((await session.json<Deployment>('deployment', 'shown')).spec.replicas).toBe(1);
  });

  it('keeps what was last applied, and lets it be seen', async () => {
    await session.run('apply', '-f', await session.file('last', settings('last', { a: '1' })));
    expect(await session.run('apply', 'view-last-applied', 'configmap', 'last')).toContain('a: "1"');
  });

  it('prunes what is no longer in the set', async () => {
    const labels = { set: 'pruned' };
    const [one, two] = ['one', 'two'].map((name) => ({
      ...settings(name, { a: '1' }),
      metadata: { name, labels },
    })) as [object, object];
    const flags = ['--prune', '-l', 'set=pruned', '--prune-allowlist=core/v1/ConfigMap'];
    await session.run('apply', '-f', await session.file('prune', one, two), ...flags);
    const output = await session.run('apply', '-f', await session.file('prune', one), ...flags);
    expect(output).toBe('configmap/one unchanged\nconfigmap/two pruned\n');
  });
});

describe('kubectl apply on the server side', () => {
  it('owns what it applies, and names whoever else owns a field', async () => {
    const file = await session.file('owned', settings('owned', { a: '1' }), deployment('owned', 2));
    const applied = 'configmap/owned serverside-applied\ndeployment.apps/owned serverside-applied\n';
    expect(await session.run('apply', '--server-side', '-f', file)).toBe(applied);
    expect(await session.run('apply', '--server-side', '-f', file)).toBe(applied);
    const other = await session.file('other', settings('owned', { a: '2' }), deployment('owned', 5));
    const { code, stdout, stderr } = await session.attempt(
      'apply',
      '--server-side',
      '--field-manager=other',
      '-f',
      other,
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Apply failed with 1 conflict: conflict with "kubectl": .data.a\n');
    expect(stderr).toContain('Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas\n');
    expect((await configMap('owned')).data).toEqual({ a: '1' });
    await session.run('apply', '--server-side', '--field-manager=other', '--force-conflicts', '-f', other);
    const { data, metadata } = await configMap('owned');
    expect(data).toEqual({ a: '2' });
    expect(metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual(['other Apply']);
  });

  it('takes over what was applied on the client side, and drops what is left out', async () => {
    await session.run('apply', '-f', await session.file('moved', settings('moved', { a: '1', b: '2' })));
    await session.run('apply', '--server-side', '-f', await session.file('moved', settings('moved', { a: '1' })));
    const { data, metadata } = await configMap('moved');
    expect(data).toEqual({ a: '1' });
    const managers = metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`);
    expect(managers?.sort()).toEqual(['kubectl Apply', 'kubectl-last-applied Apply']);
  });

  it('tries without doing', async () => {
    const file = await session.file('tried', settings('tried', { a: '1' }));
    expect(await session.run('apply', '--server-side', '--dry-run=server', '-f', file)).toBe(
      'configmap/tried serverside-applied (server dry run)\n',
    );
    expect((await session.attempt('get', 'configmap', 'tried')).code).toBe(1);
  });
});

describe('kubectl edit', () => {
  it('writes what the editor leaves, and nothing where it leaves all as it was', async () => {
    await session.run('create', 'configmap', 'edited', '--from-literal=a=before');
    expect(await session.edit('s/a: before/a: after/', 'configmap', 'edited')).toMatchObject({
      stdout: 'configmap/edited edited\n',
      code: 0,
    });
    expect((await configMap('edited')).data).toEqual({ a: 'after' });
    expect((await session.edit('s/a: before/a: after/', 'configmap', 'edited')).stderr).toBe(
      'Edit cancelled, no changes made.\n',
    );
  });

  it('comes back with what the server refuses', async () => {
    await session.run('create', 'deployment', 'refused', '--image=registry.example/app:1');
    const { code, stderr } = await session.edit('s/maxSurge: 25%/maxSurge: -1/', 'deployment', 'refused');
    expect(code).toBe(1);
    expect(stderr).toContain('deployments.apps "refused" is invalid');
  });
});

describe('kubectl patch', () => {
  it('knows three kinds of patches, and subresources', async () => {
    await session.run('apply', '-f', await session.file('patched', deployment('patched', 1)));
    const patch = (type: string, body: unknown, ...more: readonly string[]) =>
      session.attempt('patch', 'deployment', 'patched', `--type=${type}`, '-p', JSON.stringify(body), ...more);
    const template = { spec: { containers: [{ name: 'side', image: 'registry.example/side:1' }] } };
    expect((await patch('strategic', { spec: { template } })).stdout).toBe('deployment.apps/patched patched\n');
    await patch('json', [
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'registry.example/side:2' },
    ]);
    expect((await patch('merge', { spec: { replicas: 2 } }, '--subresource=scale')).stdout).toBe(
      'scale.autoscaling/patched patched\n',
    );
    const { spec } = await session.json<Deployment>('deployment', 'patched');
    expect(spec.replicas).toBe(2);
    expect(spec.template.spec.containers.map(({ name, image }) => `${name} ${image}`)).toEqual([
      'side registry.example/side:2',
      'app registry.example/app:1',
    ]);
    expect((await patch('merge', { spec: { replicas: 2 } })).stdout).toBe(
      'deployment.apps/patched patched (no change)\n',
    );
    expect((await patch('json', [{ op: 'test', path: '/spec/replicas', value: 7 }])).stderr).toBe(
      'The request is invalid: the server rejected our request due to an error in our request\n',
    );
  });
});

describe('kubectl replace', () => {
  it('puts an object in the place of the same one only, or by force in that of any', async () => {
    await session.run('create', 'configmap', 'replaced', '--from-literal=a=1');
    const path = await session.file('replaced', await session.json<ConfigMap>('configmap', 'replaced'));
    await writeFile(path, (await readFile(path, 'utf8')).replace('"a":"1"', '"a":"2"'));
    expect(await session.run('replace', '-f', path)).toBe('configmap/replaced replaced\n');
    const { stderr } = await session.attempt('replace', '-f', path);
    expect(stderr).toContain(
      'Operation cannot be fulfilled on configmaps "replaced": the object has been modified; please apply your changes ' +
        'to the latest version and try again',
    );
    const before = await configMap('replaced');
    expect(await session.run('replace', '--force', '-f', path)).toContain('configmap/replaced replaced\n');
    expect((await configMap('replaced')).metadata.uid).not.toBe(before.metadata.uid);
  });
});

describe('kubectl label and annotate', () => {
  it('add, keep, overwrite and remove', async () => {
    await session.run('create', 'configmap', 'labelled', '--from-literal=a=1');
    const label = (...args: readonly string[]) => session.attempt('label', 'configmap', 'labelled', ...args);
    expect((await label('tier=front', 'team=one')).stdout).toBe('configmap/labelled labeled\n');
    expect((await label('tier=back')).stderr).toBe(
      "error: 'tier' already has a value (front), and --overwrite is false\n",
    );
    expect((await label('tier=back', '--overwrite')).code).toBe(0);
    expect((await label('team-')).stdout).toBe('configmap/labelled unlabeled\n');
    expect((await label('--list')).stdout).toBe('tier=back\n');
    expect((await label('tier=not a value', '--overwrite')).code).toBe(1);
    await session.run('annotate', 'configmap', 'labelled', 'example.com/note=hello world');
    const { metadata } = await configMap('labelled');
    expect(metadata.labels).toEqual({ tier: 'back' });
    expect(metadata.annotations).toEqual({ 'example.com/note': 'hello world' });
    await session.run('annotate', 'configmap', 'labelled', 'example.com/note-');
    expect((await configMap('labelled')).metadata.annotations).toBeUndefined();
  });
});

describe('kubectl delete', () => {
  const leftOf = async (name: string): Promise<readonly string[]> =>
    (await session.run('get', 'replicasets,pods', '-l', `app=${name}`, '-o', 'name')).split('\n').filter(Boolean);

  async function running(name: string): Promise<void> {
    await session.run('apply', '-f', await session.file(name, deployment(name, 2)));
    await session.run('wait', '--for=condition=Available', `deployment/${name}`, '--timeout=30s');
  }

  it('takes all that belongs to an object with it, in the background', async () => {
    await running('background');
    expect(await session.run('delete', 'deployment', 'background')).toBe(
      'deployment.apps "background" deleted from default namespace\n',
    );
    await eventually(async () => expect(await leftOf('background')).toEqual([]));
  });

  it('takes it first, in the foreground', async () => {
    await running('foreground');
    await session.run('delete', 'deployment', 'foreground', '--cascade=foreground', '--timeout=40s');
    expect(await leftOf('foreground')).toEqual([]);
  });

  it('leaves it as orphans, which another may adopt', async () => {
    await running('orphans');
    const before = await leftOf('orphans');
    expect(before).toHaveLength(3);
    await session.run('delete', 'deployment', 'orphans', '--cascade=orphan');
    expect(await leftOf('orphans')).toEqual(before);
    const [replicaSet = ''] = before;
    expect(await session.run('get', replicaSet, '-o', 'jsonpath={.metadata.ownerReferences}')).toBe('');
    await running('orphans');
    expect(await leftOf('orphans')).toEqual(before);
    await session.run('delete', 'deployment', 'orphans', '--cascade=foreground', '--timeout=40s');
  });

  it('deletes at once by force, and what a selector names', async () => {
    await session.run('create', 'configmap', 'selected', '--from-literal=a=1');
    await session.run('label', 'configmap', 'selected', 'doomed=yes');
    expect(await session.run('delete', 'configmaps', '-l', 'doomed=yes')).toBe(
      'configmap "selected" deleted from default namespace\n',
    );
    await session.run('run', 'forced', '--image=registry.example/app:1');
    const { stdout, stderr } = await session.attempt('delete', 'pod', 'forced', '--force', '--grace-period=0');
    expect(stdout).toBe('pod "forced" force deleted from default namespace\n');
    expect(stderr).toMatch(/^Warning: Immediate deletion does not wait for confirmation/);
  });
});
