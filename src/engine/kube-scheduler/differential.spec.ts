import { ArbitraryChoice } from '../../../test/support/arbitrary-choice.js';
import type { Refusal } from '../../../test/support/scheduling-model/model-world.js';
import { gateRule } from '../../../test/support/scheduling-model/node-model.js';
import { modelFilters, modelScores } from '../../../test/support/scheduling-model/scheduling-model.js';
import { TwinWorlds } from '../../../test/support/twin-worlds.js';
import type { Pod } from '../machinery/api/core-v1.js';
import type { Plugin } from './framework.js';
import { PluginFailure } from './plugin-failure.js';
import { plugins } from './plugins/registry.js';

const CLUSTERS = 500;
const STEPS = 24;
/** The model is slow: it is asked after every so many changes. */
const STEPS_PER_CHECK = 4;
const SEEDS = Array.from({ length: CLUSTERS }, (_, seed) => seed);
/** How often each answer must have been given: a rule that is never met is not tested. */
const OCCURRENCES_MIN = 25;

/** Upstream's default plugins of 1.35 (`getDefaultPlugins`, feature gates as they are by default) by what they do to nodes. */
const DEFAULT_FILTERS = [
  'NodeUnschedulable',
  'NodeName',
  'TaintToleration',
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
  'VolumeRestrictions',
  'NodeVolumeLimits',
  'VolumeBinding',
  'VolumeZone',
  'PodTopologySpread',
  'InterPodAffinity',
  'DynamicResources',
];
/** VolumeBinding scores only behind a gate that is off. */
const DEFAULT_SCORERS = [
  'TaintToleration',
  'NodeAffinity',
  'NodeResourcesFit',
  'PodTopologySpread',
  'InterPodAffinity',
  'DynamicResources',
  'NodeResourcesBalancedAllocation',
  'ImageLocality',
];

/** Everything that the rules can say, names left out. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  SchedulingGates: ['passes', 'waiting for scheduling gates: […]'],
  NodeUnschedulable: ['fits', 'node(s) were unschedulable for good'],
  NodeName: ['fits', "node(s) didn't match the requested node name for good"],
  TaintToleration: ['fits', 'node(s) had untolerated taint(s) for good'],
  NodeAffinity: [
    'fits',
    "node(s) didn't match Pod's node affinity/selector for good",
    'pod affinity terms conflict for good',
  ],
  NodePorts: ['fits', "node(s) didn't have free ports for the requested pod ports"],
  NodeResourcesFit: [
    'fits',
    ...['Too many pods', 'Insufficient cpu', 'Insufficient memory', 'Insufficient ephemeral-storage'],
    'Insufficient example.com/gpu',
  ].flatMap((each) => (each === 'fits' ? [each] : [each, `${each} for good`])),
  VolumeRestrictions: [
    'fits',
    'node(s) had no available disk',
    'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
    'persistentvolumeclaim "…" not found for good',
  ],
  NodeVolumeLimits: [
    'fits',
    'looking up PVC …: persistentvolumeclaim "…" not found for good',
    'node(s) exceed max volume count',
    'running "…" filter plugin: PVC … was not created for pod … (pod is not owner) for good',
  ],
  VolumeBinding: [
    'fits',
    'PVC … was not created for pod … (pod is not owner) for good',
    'node(s) did not have enough free storage for good',
    "node(s) didn't find available persistent volumes to bind for good",
    "node(s) didn't match PersistentVolume's node affinity for good",
    'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s) for good',
    'persistentvolumeclaim "…" bound to non-existent persistentvolume "…" for good',
    'persistentvolumeclaim "…" is being deleted for good',
    'persistentvolumeclaim "…" not found for good',
    'pod has unbound immediate PersistentVolumeClaims for good',
    'waiting for ephemeral volume controller to create the persistentvolumeclaim "…" for good',
  ],
  VolumeZone: [
    'fits',
    'PersistentVolume had no name for good',
    'PersistentVolumeClaim had no pv name and storageClass name for good',
    'node(s) had no available volume zone for good',
    'persistentvolume "…" not found for good',
    'persistentvolumeclaim "…" not found for good',
    'storageclass.storage.k8s.io "…" not found for good',
  ],
  PodTopologySpread: [
    'fits',
    "node(s) didn't match pod topology spread constraints",
    "node(s) didn't match pod topology spread constraints (missing required label) for good",
  ],
  InterPodAffinity: [
    'fits',
    "node(s) didn't match pod affinity rules for good",
    "node(s) didn't match pod anti-affinity rules",
    "node(s) didn't satisfy existing pods anti-affinity rules",
  ],
  DynamicResources: [
    'fits',
    'ResourceClaim … was not created for pod … (pod is not owner) for good',
    'cannot allocate all claims for good',
    'could not find ResourceClaim "…" for good',
    'pod "…": ResourceClaim not created yet for good',
    'request …: device class no-class does not exist for good',
    'resourceclaim "…" is being deleted for good',
    'resourceclaim not available on the node for good',
  ],
};

interface Comparison {
  readonly plugin: string;
  readonly ours: string;
  readonly rule: string;
  /** What the rule says, for the count. */
  readonly answers: readonly string[];
}

/** A failure is told like a refusal: no other node is tried. */
function refusalBy(plugin: Plugin, { world }: TwinWorlds, pod: Pod, nodeName: string): Refusal | undefined {
  try {
    const run = world.run(pod, [plugin]);
    const rejection = run.everywhere?.rejection ?? run.test(world.node(nodeName));
    return rejection === undefined ? undefined : { reasons: rejection.reasons, isFinal: rejection.unresolvable };
  } catch (error) {
    if (!(error instanceof PluginFailure)) throw error;
    return { reasons: [error.message], isFinal: true };
  }
}

const told = (refusal: Refusal | undefined): readonly string[] =>
  refusal === undefined ? ['fits'] : refusal.reasons.map((each) => (refusal.isFinal ? `${each} for good` : each));

const nameless = (text: string): string =>
  text
    .replaceAll(/"[^"]*"/g, '"…"')
    .replaceAll(/\[.*\]/g, '[…]')
    .replaceAll(/\b(one|two)\/[\w-]+|(?<=^request )[\w/]+/g, '…');

const verdicts = (twins: TwinWorlds, pod: Pod): readonly Comparison[] => {
  const { model } = twins;
  return plugins.flatMap((plugin) => {
    const rule = modelFilters[plugin.name];
    if (rule === undefined) return [];
    return model.nodes.map((node) => {
      const expected = told(rule(model, pod, node));
      const ours = told(refusalBy(plugin, twins, pod, node.metadata.name)).join();
      return { plugin: plugin.name, ours, rule: expected.join(), answers: expected };
    });
  });
};

const SCORED = 'scores that tell nodes apart';

const scores = ({ world, model }: TwinWorlds, pod: Pod): readonly Comparison[] =>
  plugins.flatMap((plugin) => {
    const rule = modelScores[plugin.name];
    if (rule === undefined || model.nodes.length === 0) return [];
    const ours = Object.values(world.scores(plugin, pod) ?? {}).join();
    const expected = rule(model, pod, model.nodes) ?? [];
    return [{ plugin: plugin.name, ours, rule: expected.join(), answers: new Set(expected).size > 1 ? [SCORED] : [] }];
  });

const gates = ({ world }: TwinWorlds, pod: Pod): readonly Comparison[] =>
  plugins
    .filter(({ name }) => name === 'SchedulingGates')
    .map(({ name, preEnqueue }) => {
      const rule = gateRule(pod) ?? 'passes';
      return { plugin: name, ours: preEnqueue?.(pod, world)?.reasons.join() ?? 'passes', rule, answers: [rule] };
    });

describe('the plugins, against a model that looks at everything anew', () => {
  it('are all in the model that upstream has by default', () => {
    expect(Object.keys(modelFilters).sort()).toEqual(DEFAULT_FILTERS.toSorted());
    expect(Object.keys(modelScores).sort()).toEqual(DEFAULT_SCORERS.toSorted());
    const having = (has: (plugin: Plugin) => boolean) => plugins.filter(has).map(({ name }) => name);
    expect(having(({ filter }) => filter !== undefined)).toEqual(DEFAULT_FILTERS);
    expect(having(({ score }) => score !== undefined)).toEqual(DEFAULT_SCORERS);
  });

  it(`give the verdicts and scores of their rules in ${CLUSTERS} clusters that change`, () => {
    const differences: unknown[] = [];
    const seen = new Map<string, number>();
    for (const seed of SEEDS) {
      const twins = new TwinWorlds(new ArbitraryChoice(seed));
      for (let step = 0; step < STEPS; step++) {
        twins.changeSomething(step);
        if ((step + 1) % STEPS_PER_CHECK > 0) continue;
        const pod = twins.waitingPod();
        for (const { answers, ...each } of [...gates(twins, pod), ...verdicts(twins, pod), ...scores(twins, pod)]) {
          if (each.ours !== each.rule) differences.push({ seed, step, ...each });
          for (const answer of answers) {
            const key = `${each.plugin}: ${nameless(answer)}`;
            seen.set(key, (seen.get(key) ?? 0) + 1);
          }
        }
      }
    }
    expect(differences).toEqual([]);
    const expected = [
      ...Object.entries(ANSWERS).flatMap(([plugin, answers]) => answers.map((answer) => `${plugin}: ${answer}`)),
      ...DEFAULT_SCORERS.map((plugin) => `${plugin}: ${SCORED}`),
    ];
    expect(Array.from(seen.keys()).sort()).toEqual(expected.sort());
    expect(Array.from(seen).filter(([, count]) => count < OCCURRENCES_MIN)).toEqual([]);
  });
});
