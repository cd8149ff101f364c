import type { ExtensionPoint } from './configuration.js';

/** Where upstream's framework (1.35) asks plugins, in the order in which it makes its lists of them. */
export interface PointOfPlugins {
  readonly point: Exclude<ExtensionPoint, 'multiPoint'>;
  /** As upstream calls what can be enabled there. */
  readonly type: string;
  /** Who has something to say there: of all that upstream is built with, those behind gates that are off too. */
  readonly plugins: readonly string[];
}

const FILTERING = [
  'NodeAffinity',
  'NodeDeclaredFeatures',
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
const SCORING = [
  'TaintToleration',
  'NodeAffinity',
  'NodeResourcesFit',
  'VolumeBinding',
  'PodTopologySpread',
  'InterPodAffinity',
  'NodeResourcesBalancedAllocation',
];

export const EXTENSION_POINTS: readonly PointOfPlugins[] = Object.freeze([
  { point: 'preFilter', type: 'PreFilterPlugin', plugins: FILTERING },
  {
    point: 'filter',
    type: 'FilterPlugin',
    plugins: ['NodeUnschedulable', 'NodeName', 'TaintToleration', ...FILTERING],
  },
  { point: 'postFilter', type: 'PostFilterPlugin', plugins: ['DynamicResources', 'DefaultPreemption'] },
  { point: 'reserve', type: 'ReservePlugin', plugins: ['VolumeBinding', 'DynamicResources', 'GangScheduling'] },
  { point: 'preScore', type: 'PreScorePlugin', plugins: SCORING },
  { point: 'score', type: 'ScorePlugin', plugins: [...SCORING, 'DynamicResources', 'ImageLocality'] },
  { point: 'preBind', type: 'PreBindPlugin', plugins: ['VolumeBinding', 'DynamicResources'] },
  { point: 'bind', type: 'BindPlugin', plugins: ['DefaultBinder'] },
  { point: 'postBind', type: 'PostBindPlugin', plugins: [] },
  { point: 'permit', type: 'PermitPlugin', plugins: ['GangScheduling'] },
  {
    point: 'preEnqueue',
    type: 'PreEnqueuePlugin',
    plugins: ['SchedulingGates', 'DynamicResources', 'DefaultPreemption', 'GangScheduling'],
  },
  { point: 'queueSort', type: 'QueueSortPlugin', plugins: ['PrioritySort'] },
]);

/** Plugins of upstream's default profile that the scheduler itself is here. */
export const BUILT_IN_PLUGINS: readonly string[] = Object.freeze(['PrioritySort', 'DefaultBinder']);

/** Plugins that may be named and do nothing: their feature gates are off. */
export const GATED_PLUGINS: readonly string[] = Object.freeze(['NodeDeclaredFeatures', 'GangScheduling']);
