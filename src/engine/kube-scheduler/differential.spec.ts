import { ArbitraryCluster, NAMESPACE_LABELS } from '../../../test/support/arbitrary-cluster.js';
import { modelFilters, modelScores, type ModelWorld } from '../../../test/support/scheduling-model.js';
import { TestWorld } from '../../../test/support/scheduling-world.js';
import { Random } from '../kernel/random.js';
import type { Node, Pod } from '../machinery/api/core-v1.js';
import { plugins } from './plugins/registry.js';

const CLUSTERS = 500;
const NODES_MAX = 8;
const STEPS = 12;
/** The model is slow: it is asked after every so many changes. */
const STEPS_PER_CHECK = 3;
const SEEDS = Array.from({ length: CLUSTERS }, (_, seed) => seed);

/** One world kept twice: in the scheduler's cache, change by change, and as plain lists. */
class Twins {
  readonly world = new TestWorld();
  readonly nodes = new Map<string, Node>();
  readonly placed = new Map<string, Pod>();

  constructor() {
    for (const [name, labels] of Object.entries(NAMESPACE_LABELS)) {
      this.world.objects.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    }
  }

  get model(): ModelWorld {
    return {
      nodes: this.world.cache.nodes.map(({ name }) => this.nodes.get(name)!),
      placed: Array.from(this.placed.values()),
      namespaces: NAMESPACE_LABELS,
    };
  }

  setNode(node: Node): void {
    this.world.cache.setNode(node);
    this.nodes.set(node.metadata.name, node);
  }

  removeNode(name: string): void {
    this.world.cache.removeNode(name);
    this.nodes.delete(name);
  }

  place(pod: Pod, nodeName: string): void {
    const bound = { ...pod, spec: { ...pod.spec, nodeName } };
    this.world.cache.addPod(bound, nodeName);
    this.placed.set(pod.metadata.uid ?? '', bound);
  }

  remove(uid: string): void {
    this.world.cache.removePod(uid);
    this.placed.delete(uid);
  }
}

function changeSomething(twins: Twins, generated: ArbitraryCluster, step: number): void {
  const names = Array.from(twins.nodes.keys());
  const uids = Array.from(twins.placed.keys());
  if (names.length === 0 || (names.length < NODES_MAX && generated.isLucky(25)))
    return twins.setNode(generated.node(`n${step}`));
  const name = generated.pick(names);
  if (generated.isLucky(10)) return twins.setNode(generated.node(name));
  if (generated.isLucky(4)) return twins.removeNode(name);
  if (uids.length > 0 && generated.isLucky(20)) return twins.remove(generated.pick(uids));
  twins.place(generated.pod(`p${step}`), name);
}

const verdicts = ({ world, model }: { world: TestWorld; model: ModelWorld }, pod: Pod) =>
  plugins.flatMap((plugin) => {
    const rule = modelFilters[plugin.name];
    if (rule === undefined) return [];
    const run = world.run(pod, [plugin]);
    return model.nodes.map((node) => ({
      what: `${plugin.name} ${node.metadata.name}`,
      ours: (run.everywhere?.rejection ?? run.test(world.node(node.metadata.name)))?.reasons.join(', '),
      rule: rule(model, pod, node),
    }));
  });

const scores = ({ world, model }: { world: TestWorld; model: ModelWorld }, pod: Pod) =>
  plugins.flatMap((plugin) => {
    const rule = modelScores[plugin.name];
    if (rule === undefined || model.nodes.length === 0) return [];
    const ours = world.scores(plugin, pod);
    return [
      {
        what: plugin.name,
        ours: ours === undefined ? undefined : Object.values(ours),
        rule: rule(model, pod, model.nodes),
      },
    ];
  });

describe('the plugins, against a model that looks at everything anew', () => {
  it(`give the verdicts and scores of their rules in ${CLUSTERS} clusters that change`, () => {
    let accepted = 0;
    let rejected = 0;
    const differences: unknown[] = [];
    for (const seed of SEEDS) {
      const generated = new ArbitraryCluster(Random.seeded(seed));
      const twins = new Twins();
      for (let step = 0; step < STEPS; step++) {
        changeSomething(twins, generated, step);
        if (step % STEPS_PER_CHECK > 0) continue;
        const pod = generated.pod('incoming');
        for (const each of verdicts(twins, pod)) {
          if (each.ours !== each.rule) differences.push({ seed, step, ...each });
          if (each.rule === undefined) accepted++;
          else rejected++;
        }
        for (const each of scores(twins, pod)) {
          if (each.ours?.join() !== each.rule?.join()) differences.push({ seed, step, ...each });
        }
      }
    }
    expect(differences).toEqual([]);
    expect(Math.min(accepted, rejected)).toBeGreaterThan((CLUSTERS * STEPS) / STEPS_PER_CHECK);
  });
});
