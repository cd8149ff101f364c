import { ControllerWorld } from '../../../test/support/controller-world.js';

const names = (world: ControllerWorld): readonly string[] => world.manager.figures.map(({ name }) => name);

describe('kube-controller-manager', () => {
  it('runs the controllers that it is told to run', () => {
    const world = new ControllerWorld();
    const all = names(world);
    world.manager.controllers = ['*', '-replicaset-controller'];
    expect(names(world)).toEqual(all.filter((name) => name !== 'replicaset-controller'));
    world.deploy('web');
    world.run(5);
    expect(world.sets()).toHaveLength(1);
    expect(world.pods()).toHaveLength(0);
    world.manager.controllers = ['replicaset-controller'];
    expect(names(world)).toEqual(['replicaset-controller']);
    world.run(5);
    expect(world.pods()).toHaveLength(1);
  });

  it('has nothing to do in a quiet cluster, whatever stands in it', () => {
    const world = new ControllerWorld();
    const { request, loop } = world.harness;
    const template = {
      metadata: { labels: { app: 'x' } },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    };
    const selector = { matchLabels: { app: 'x' } };
    const metadata = { name: 'x' };
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    const task = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
    world.deploy('web', { replicas: 2 });
    const made = [
      request('POST', '/apis/apps/v1/namespaces/default/statefulsets', {
        metadata,
        spec: { serviceName: 'x', selector, template },
      }),
      request('POST', '/apis/apps/v1/namespaces/kube-system/daemonsets', { metadata, spec: { selector, template } }),
      request('POST', '/apis/batch/v1/namespaces/default/jobs', { metadata, spec: { template: task } }),
      request('POST', '/apis/batch/v1/namespaces/default/cronjobs', {
        metadata,
        spec: { suspend: true, schedule: '* * * * *', jobTemplate: { spec: { template: task } } },
      }),
      request('POST', '/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
        metadata,
        spec: { selector, minAvailable: 1 },
      }),
      request('POST', '/api/v1/namespaces/default/resourcequotas', { metadata, spec: { hard: { pods: '50' } } }),
      request('POST', '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers', {
        metadata,
        spec: { scaleTargetRef: target, maxReplicas: 4 },
      }),
      request('POST', '/api/v1/namespaces/default/persistentvolumeclaims', {
        metadata,
        spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
      }),
    ];
    expect(made.map(({ status }) => status)).toEqual(made.map(() => 201));
    world.run(1_200);
    const failing = world.manager.figures
      .filter(({ queue }) => queue.depth + queue.delayed > 0)
      .map(({ name }) => name);
    expect(failing).toEqual([]);
    // Events last an hour; then nothing at all is due.
    world.run(7_200);
    expect(loop.nextDue).toBeUndefined();
  });

  it('stays as it is while it is stopped', () => {
    const world = new ControllerWorld();
    world.manager.stop();
    world.manager.controllers = ['*', '-job-controller'];
    expect(names(world)).toEqual([]);
    world.manager.start();
    expect(names(world)).not.toContain('job-controller');
  });
});
