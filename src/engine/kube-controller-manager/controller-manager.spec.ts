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

  it('stays as it is while it is stopped', () => {
    const world = new ControllerWorld();
    world.manager.stop();
    world.manager.controllers = ['*', '-job-controller'];
    expect(names(world)).toEqual([]);
    world.manager.start();
    expect(names(world)).not.toContain('job-controller');
  });
});
