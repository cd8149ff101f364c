import { deviceClaimFault, deviceClaimRule, deviceClaimScores } from './device-claim-model.js';
import { diskFault, diskRule, volumeLimitRule } from './disk-model.js';
import type { ClusterRule, FilterRule, ScoreRule } from './model-world.js';
import {
  nodeAffinityFault,
  nodeAffinityRule,
  nodeAffinityScores,
  nodeNameRule,
  taintRule,
  taintScores,
  unschedulableRule,
} from './node-model.js';
import { podAffinityRule, podAffinityScores } from './pod-affinity-model.js';
import { balanceScores, fitRule, imageScores, leastAllocatedScores, portRule } from './resource-model.js';
import { spreadRule, spreadScores } from './topology-spread-model.js';
import { volumeBindingFault, volumeBindingRule } from './volume-binding-model.js';
import { volumeZoneFault, volumeZoneRule } from './volume-zone-model.js';

/**
 * The documented rules of the default plugins, written down once more in the plainest way: every question looks at every
 * pod, node and volume anew. Nothing here is shared with the scheduler. In the order of upstream's default profile.
 */
export const modelFilters: Readonly<Record<string, FilterRule>> = {
  NodeUnschedulable: unschedulableRule,
  NodeName: nodeNameRule,
  TaintToleration: taintRule,
  NodeAffinity: nodeAffinityRule,
  NodePorts: portRule,
  NodeResourcesFit: fitRule,
  VolumeRestrictions: diskRule,
  NodeVolumeLimits: volumeLimitRule,
  VolumeBinding: volumeBindingRule,
  VolumeZone: volumeZoneRule,
  PodTopologySpread: spreadRule,
  InterPodAffinity: podAffinityRule,
  DynamicResources: deviceClaimRule,
};

export const modelScores: Readonly<Record<string, ScoreRule>> = {
  TaintToleration: taintScores,
  NodeAffinity: nodeAffinityScores,
  NodeResourcesFit: leastAllocatedScores,
  PodTopologySpread: spreadScores,
  InterPodAffinity: podAffinityScores,
  DynamicResources: deviceClaimScores,
  NodeResourcesBalancedAllocation: balanceScores,
  ImageLocality: imageScores,
};

/** What plugins say before they look at any node. */
export const modelFaults: Readonly<Record<string, ClusterRule>> = {
  NodeAffinity: nodeAffinityFault,
  VolumeRestrictions: diskFault,
  VolumeBinding: volumeBindingFault,
  VolumeZone: volumeZoneFault,
  DynamicResources: deviceClaimFault,
};

export const modelWeights: Readonly<Record<string, number>> = {
  TaintToleration: 3,
  NodeAffinity: 2,
  PodTopologySpread: 2,
  InterPodAffinity: 2,
  DynamicResources: 2,
};
