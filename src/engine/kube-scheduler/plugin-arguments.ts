import { parseDuration } from '../machinery/cel/library/time-text.js';
import { anything, fields, integer, listOf, oneOf, text, truth, where, type Check } from './checks.js';
import type { ShapePoint } from './resource-shares.js';

const ENTRIES_MAX = 100;
const WEIGHT_MAX = 100;
/** As long as a timer of the simulation may be set. */
const SECONDS_MAX = 2 ** 31 - 1;

const requirement = fields(
  {
    key: text,
    operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'),
    values: listOf(text, ENTRIES_MAX),
  },
  ['key', 'operator'],
);
const nodeSelectorTerm = fields({
  matchExpressions: listOf(requirement, ENTRIES_MAX),
  matchFields: listOf(requirement, ENTRIES_MAX),
});

const addedAffinity = fields({
  requiredDuringSchedulingIgnoredDuringExecution: fields({ nodeSelectorTerms: listOf(nodeSelectorTerm, ENTRIES_MAX) }, [
    'nodeSelectorTerms',
  ]),
  preferredDuringSchedulingIgnoredDuringExecution: listOf(
    fields({ weight: integer(1, WEIGHT_MAX), preference: nodeSelectorTerm }, ['weight', 'preference']),
    ENTRIES_MAX,
  ),
});

const weightedResources = listOf(fields({ name: text, weight: integer(1, WEIGHT_MAX) }, ['name']), ENTRIES_MAX);

const shapePoints = listOf(
  fields({ utilization: integer(0, 100), score: integer(0, 10) }, ['utilization', 'score']),
  ENTRIES_MAX,
);

const shape = where(fields({ shape: shapePoints }, ['shape']), (value) => {
  const points = value.shape as readonly ShapePoint[];
  if (points.length === 0) return 'must have at least one point in its shape';
  const isRising = points.every(({ utilization }, index) => utilization > (points[index - 1]?.utilization ?? -1));
  return isRising ? undefined : 'must have a shape whose utilization values rise';
});

const scoringStrategy = where(
  fields({
    type: oneOf('LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'),
    resources: weightedResources,
    requestedToCapacityRatio: shape,
  }),
  ({ type, requestedToCapacityRatio }) =>
    type === 'RequestedToCapacityRatio' && requestedToCapacityRatio === undefined
      ? 'must have requestedToCapacityRatio where its type is RequestedToCapacityRatio'
      : undefined,
);

const spreadConstraint = fields(
  {
    maxSkew: integer(1, 2 ** 31 - 1),
    topologyKey: text,
    whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway'),
    minDomains: integer(1, 2 ** 31 - 1),
    nodeAffinityPolicy: oneOf('Honor', 'Ignore'),
    nodeTaintsPolicy: oneOf('Honor', 'Ignore'),
  },
  ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
);

const podTopologySpread: Check = where(
  fields({
    ...typed(),
    defaultingType: oneOf('System', 'List'),
    defaultConstraints: listOf(spreadConstraint, ENTRIES_MAX),
  }),
  ({ defaultingType, defaultConstraints }) => {
    const hasConstraints = Array.isArray(defaultConstraints) && defaultConstraints.length > 0;
    return hasConstraints && defaultingType !== 'List'
      ? 'must have defaultingType List where it has defaultConstraints'
      : undefined;
  },
);

const bindTimeout: Check = (value, path) =>
  typeof value === 'number' && value < 0
    ? [{ path, message: 'invalid BindTimeoutSeconds, should not be a negative value' }]
    : integer(0, SECONDS_MAX)(value, path);

const filterTimeout: Check = (value, path) => {
  const problems = text(value, path);
  if (problems.length > 0) return problems;
  const duration = parseDuration(value as string);
  if (duration === undefined) return [{ path, message: 'must be a duration such as 10s' }];
  return duration.nanoseconds < 0n ? [{ path, message: 'must be zero or positive' }] : [];
};

/** What the plugins that take arguments take, by the plugin's name: upstream's `…Args`. */
export const pluginArguments: Readonly<Record<string, Check>> = Object.freeze({
  NodeAffinity: fields({ ...typed(), addedAffinity }),
  NodeResourcesFit: fields({
    ...typed(),
    ignoredResources: listOf(text, ENTRIES_MAX),
    ignoredResourceGroups: listOf(text, ENTRIES_MAX),
    scoringStrategy,
  }),
  NodeResourcesBalancedAllocation: fields({ ...typed(), resources: weightedResources }),
  InterPodAffinity: fields({
    ...typed(),
    hardPodAffinityWeight: integer(0, WEIGHT_MAX),
    ignorePreferredTermsOfExistingPods: truth,
  }),
  PodTopologySpread: podTopologySpread,
  VolumeBinding: fields({
    ...typed(),
    bindTimeoutSeconds: bindTimeout,
    shape: refused('unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring'),
  }),
  DynamicResources: fields({
    ...typed(),
    filterTimeout,
    bindingTimeout: refused('DRADeviceBindingConditions or DRAResourceClaimDeviceStatus feature gate is disabled'),
  }),
  DefaultPreemption: fields({
    ...typed(),
    minCandidateNodesPercentage: integer(0, 100),
    minCandidateNodesAbsolute: integer(0, 2 ** 31 - 1),
  }),
});

/** A field that upstream has behind a feature gate that is off. */
function refused(message: string): Check {
  return (_value, path) => [{ path, message }];
}

/** Arguments may say what they are, as they do in upstream's files. */
function typed(): Readonly<Record<string, Check>> {
  return { apiVersion: anything, kind: anything };
}
