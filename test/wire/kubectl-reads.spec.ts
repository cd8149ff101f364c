import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startKubectl } from '../support/kubectl.js';
import { KubectlSession } from '../support/kubectl-session.js';
import { createWebPod } from '../support/web-pod.js';

jest.setTimeout(60_000);

let session: KubectlSession;
beforeAll(async () => {
  session = await KubectlSession.start({ name: 'reads', latency: 'instant', topology: { workers: 1 } });
  await session.run('create', 'configmap', 'settings', '--from-literal=a=1', '--from-literal=b=2');
  await session.run('create', 'configmap', 'more', '--from-literal=a=1');
  await createWebPod(session.cluster);
});
afterAll(() => session.end());

const lines = (text: string): readonly string[] => text.trimEnd().split('\n');

describe('kubectl explain', () => {
  it('describes a kind, and its fields', async () => {
    const output = await session.run('explain', 'deployments');
    expect(output).toMatch(/^GROUP: +apps\nKIND: +Deployment\nVERSION: +v1\n/);
    expect(output).toMatch(/^DESCRIPTION:\n {4}Deployment enables declarative updates for Pods and ReplicaSets\.$/m);
    expect(output).toMatch(/^ {2}spec\t<DeploymentSpec>$/m);
    expect(output).toMatch(/^ {2}apiVersion\t<string>\n {4}APIVersion defines the versioned schema/m);
  });

  it('goes as deep as there are fields', async () => {
    const path = 'deployment.spec.template.spec.containers.livenessProbe.httpGet.httpHeaders.name';
    const output = await session.run('explain', path);
    expect(output).toMatch(/^FIELD: name <string>$/m);
    expect(output).toContain('The header field name.');
    const probe = await session.run('explain', 'pod.spec.containers.resources.limits');
    expect(probe).toMatch(/^FIELD: limits <map\[string\]Quantity>$/m);
    expect(probe).toContain('Limits describes the maximum amount of compute resources allowed.');
    const { code, stderr } = await session.attempt('explain', 'pod.spec.nosuch');
    expect(code).toBe(1);
    expect(stderr).toContain('field "nosuch" does not exist');
  });

  it('shows what is required, and the values of enumerations', async () => {
    const output = await session.run('explain', 'pod.spec');
    expect(output).toMatch(/^ {2}containers\t<\[\]Container> -required-$/m);
    expect(output).toMatch(/^ {2}restartPolicy\t<string>\n {2}enum: Always, Never, OnFailure$/m);
  });

  it('lists all fields below one', async () => {
    const output = lines(await session.run('explain', 'cronjob.spec', '--recursive'));
    expect(output.length).toBeGreaterThan(1_000);
    expect(output).toContain('  schedule\t<string> -required-');
    expect(output).toContain('          containers\t<[]Container> -required-');
  });

  it('knows the older form, at every depth and recursively', async () => {
    const older = ['--output', 'plaintext-openapiv2'];
    const output = await session.run('explain', 'pod.spec.containers', ...older);
    expect(output).toMatch(/^KIND: +Pod\nVERSION: +v1\n\nRESOURCE: containers <\[\]Object>\n/);
    expect(output).toMatch(/^ {3}name\t<string> -required-$/m);
    expect(output).toContain('A single application container that you want to run within a pod.');
    const all = lines(await session.run('explain', 'deployment.spec', '--recursive', ...older));
    expect(all).toContain('   replicas\t<integer>');
    expect(all.length).toBeGreaterThan(700);
  });

  it('has something to say of every kind that can be listed', async () => {
    const names = lines(await session.run('api-resources', '--verbs=list', '-o', 'name'));
    expect(names.length).toBeGreaterThan(50);
    const outputs = await Promise.all(
      // Of the two kinds of events, kubectl takes the group of the second for a field of the first.
      names
        .filter((name) => name !== 'events.events.k8s.io')
        .map(async (name) => {
          return [name, await session.run('explain', name)] as const;
        }),
    );
    for (const [name, output] of outputs)
      expect([name, output]).toEqual([name, expect.not.stringContaining('<empty>')]);
  });
});

describe('kubectl api-resources and api-versions', () => {
  it('list what is served', async () => {
    const versions = lines(await session.run('api-versions'));
    expect(versions).toEqual(expect.arrayContaining(['apps/v1', 'autoscaling/v2', 'batch/v1', 'v1']));
    expect([...versions].sort()).toEqual(versions);
    const wide = await session.run('api-resources', '--api-group=apps', '-o', 'wide');
    expect(wide).toMatch(
      /^deployments +deploy +apps\/v1 +true +Deployment +create,delete,deletecollection,get,list,patch,update,watch +all$/m,
    );
    const cluster = lines(await session.run('api-resources', '--namespaced=false', '-o', 'name'));
    expect(cluster).toEqual(expect.arrayContaining(['namespaces', 'nodes', 'clusterroles.rbac.authorization.k8s.io']));
    expect(cluster).not.toContain('pods');
  });
});

describe('kubectl get', () => {
  const get = (output: string, ...args: readonly string[]) => session.run('get', ...args, '-o', output);

  it('prints tables, plain and wide', async () => {
    expect(lines(await session.run('get', 'configmaps', 'settings'))[0]).toMatch(/^NAME +DATA +AGE$/);
    expect(await session.run('get', 'pods')).toMatch(
      /^NAME +READY +STATUS +RESTARTS +AGE\nweb +1\/1 +Running +0 +\d+s\n$/,
    );
    const wide = await get('wide', 'pod', 'web');
    expect(wide).toMatch(/ IP +NODE +NOMINATED NODE +READINESS GATES\n/);
    expect(wide).toMatch(/^web .* 10\.\S+ +worker-1 +<none> +<none>$/m);
    expect(await session.run('get', 'pods', '--show-labels', '--no-headers')).toMatch(/ app=web\n$/);
    expect(await session.run('get', 'pods', '-L', 'app', '-A')).toMatch(/^default +web .* web$/m);
  });

  it('prints objects as JSON and YAML', async () => {
    expect(JSON.parse(await get('json', 'configmap', 'settings'))).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      data: { a: '1', b: '2' },
    });
    const yaml = await get('yaml', 'configmap', 'settings');
    expect(yaml).toMatch(/^apiVersion: v1\ndata:\n {2}a: "1"\n {2}b: "2"\nkind: ConfigMap\n/);
    expect(yaml).not.toContain('managedFields');
    expect(await get('yaml', 'configmap', 'settings', '--show-managed-fields')).toContain('manager: kubectl-create');
    expect(await get('kyaml', 'configmap', 'settings')).toContain('  data: {\n    a: "1",\n    b: "2",\n  },\n');
    const list = JSON.parse(await get('json', 'configmaps,pods')) as { kind: string; items: { kind: string }[] };
    expect(list.kind).toBe('List');
    expect(list.items.map(({ kind }) => kind)).toEqual(['ConfigMap', 'ConfigMap', 'ConfigMap', 'Pod']);
  });

  it('prints names, columns and templates', async () => {
    expect(lines(await get('name', 'configmaps'))).toEqual([
      'configmap/kube-root-ca.crt',
      'configmap/more',
      'configmap/settings',
    ]);
    expect(await get('jsonpath={.data.a}{" "}{.metadata.name}', 'configmap', 'settings')).toBe('1 settings');
    expect(await get('jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}', 'pods')).toBe('web\n');
    expect(await get('jsonpath-as-json={.spec.containers[*].image}', 'pod', 'web')).toBe(
      '[\n    "registry.example/web:1"\n]\n',
    );
    expect(await get('custom-columns=WHO:.metadata.name,B:.data.b', 'configmap', 'settings', 'more')).toMatch(
      /^WHO +B\nsettings +2\nmore +<none>\n$/,
    );
    expect(await get('go-template={{.metadata.name}}: {{len .data}}', 'configmap', 'settings')).toBe('settings: 2');
  });

  it('selects and sorts', async () => {
    expect(await get('name', 'pods', '-l', 'app in (web)', '--field-selector', 'status.phase=Running')).toBe(
      'pod/web\n',
    );
    expect((await session.attempt('get', 'pods', '-l', 'app=other')).stderr).toBe(
      'No resources found in default namespace.\n',
    );
    const sorted = await get('name', 'configmaps', '--sort-by={.data.b}');
    expect(lines(sorted).at(-1)).toBe('configmap/settings');
    expect(lines(await get('name', 'configmaps', '--chunk-size=1'))).toHaveLength(3);
    expect((await session.attempt('get', 'pod', 'nosuch')).stderr).toBe(
      'Error from server (NotFound): pods "nosuch" not found\n',
    );
    expect((await session.attempt('get', 'nosuches')).stderr).toBe(
      'error: the server doesn\'t have a resource type "nosuches"\n',
    );
  });

  it('reads and writes plain paths', async () => {
    expect(JSON.parse(await session.run('get', '--raw', '/version'))).toMatchObject({ gitVersion: 'v1.35.2' });
    expect(await session.run('get', '--raw', '/readyz')).toBe('ok');
    const file = await session.file('raw', { metadata: { name: 'raw' } });
    const path = '/api/v1/namespaces/default/configmaps';
    expect(JSON.parse(await session.run('create', '--raw', path, '-f', file))).toMatchObject({ kind: 'ConfigMap' });
    expect(JSON.parse(await session.run('delete', '--raw', `${path}/raw`))).toMatchObject({ status: 'Success' });
  });

  it('watches, with the type of each event', async () => {
    const watching = await startKubectl(session.kubeconfig, 'get', 'cm', '--watch-only', '--output-watch-events');
    // A watch shows nothing before its first event: there are changes until it does.
    await eventually(async () => {
      await session.run('create', 'configmap', 'watched');
      await session.run('delete', 'configmap', 'watched');
      expect(watching.output()).toMatch(/^EVENT +NAME +DATA +AGE\n/);
      expect(watching.output()).toMatch(/^ADDED +watched +0 +\d+s\nDELETED +watched +0 +\d+s$/m);
    });
    await watching.stop();
  });
});

describe('kubectl events', () => {
  it('tells what happened, to all or to one', async () => {
    const all = await session.run('events');
    expect(all).toMatch(/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n/);
    expect(all).toMatch(/ Normal +Scheduled +Pod\/web +Successfully assigned default\/web to worker-1\n/);
    const one = lines(await session.run('events', '--for', 'pod/web', '--no-headers'));
    expect(one).toHaveLength(5);
    for (const line of one) expect(line).toContain('Pod/web');
    expect(await session.run('events', '--for', 'pod/web', '--types=Warning')).toBe('');
    const sorted = await session.run('get', 'events', '--sort-by=.lastTimestamp', '-o', 'jsonpath={.items[*].reason}');
    expect(sorted).toContain('Scheduled');
  });
});
