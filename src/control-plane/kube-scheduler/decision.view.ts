import { ApiProperty } from '@nestjs/swagger';

const RESULTS = ['Scheduled', 'Unschedulable', 'Error'] as const;

export class RejectionView {
  @ApiProperty({ required: false, description: 'The plugin that rejected.' })
  readonly plugin?: string;

  @ApiProperty({ type: [String] })
  readonly reasons!: readonly string[];

  @ApiProperty({ description: 'No eviction of other pods would help.' })
  readonly unresolvable!: boolean;
}

export class PluginScoreView {
  @ApiProperty()
  readonly plugin!: string;

  @ApiProperty({ description: '0 to 100, after normalisation.' })
  readonly score!: number;

  @ApiProperty()
  readonly weight!: number;
}

export class NodeVerdictView {
  @ApiProperty()
  readonly name!: string;

  @ApiProperty()
  readonly feasible!: boolean;

  @ApiProperty({ required: false, type: RejectionView })
  readonly rejection?: RejectionView;

  @ApiProperty({
    required: false,
    description: 'The sum of the weighted scores; absent where only one node was feasible.',
  })
  readonly total?: number;

  @ApiProperty({ required: false, type: [PluginScoreView] })
  readonly scores?: readonly PluginScoreView[];
}

export class PreemptionCandidateView {
  @ApiProperty()
  readonly node!: string;

  @ApiProperty({ type: [String], description: 'As namespace/name, the most important first.' })
  readonly victims!: readonly string[];

  @ApiProperty({ description: 'How many evictions would break a disruption budget.' })
  readonly violations!: number;
}

export class RefusedNodeView {
  @ApiProperty()
  readonly node!: string;

  @ApiProperty({ type: [String] })
  readonly reasons!: readonly string[];
}

export class PreemptionView {
  @ApiProperty({ required: false, description: 'Why it came to nothing.' })
  readonly message?: string;

  @ApiProperty({ required: false, description: 'The node that the pod was promised.' })
  readonly node?: string;

  @ApiProperty({ type: [String], description: 'The pods that have to go, as namespace/name.' })
  readonly victims!: readonly string[];

  @ApiProperty({ type: [PreemptionCandidateView] })
  readonly candidates!: readonly PreemptionCandidateView[];

  @ApiProperty({ type: [RefusedNodeView], description: 'Nodes that were tried and would not do.' })
  readonly refused!: readonly RefusedNodeView[];
}

export class DecidedPodView {
  @ApiProperty()
  readonly namespace!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty()
  readonly uid!: string;
}

/** One attempt of the scheduler to place a pod, and all that it considered. */
export class DecisionView {
  @ApiProperty({ format: 'date-time', description: "The cluster's time." })
  readonly time!: string;

  @ApiProperty({ type: DecidedPodView })
  readonly pod!: DecidedPodView;

  @ApiProperty({ description: 'The profile that decided, by its schedulerName.' })
  readonly scheduler!: string;

  @ApiProperty()
  readonly attempt!: number;

  @ApiProperty({ enum: RESULTS })
  readonly result!: (typeof RESULTS)[number];

  @ApiProperty({ required: false })
  readonly node?: string;

  @ApiProperty({ required: false, description: 'What the FailedScheduling event says.' })
  readonly message?: string;

  @ApiProperty({ description: 'Nodes of the cluster at that time.' })
  readonly nodeCount!: number;

  @ApiProperty({ required: false, type: RejectionView, description: 'Why no node was looked at.' })
  readonly everywhere?: RejectionView;

  @ApiProperty({ required: false, type: RejectionView, description: 'Why other nodes than these were not looked at.' })
  readonly elsewhere?: RejectionView;

  @ApiProperty({ type: [NodeVerdictView], description: 'The nodes that were looked at, the feasible ones first.' })
  readonly nodes!: readonly NodeVerdictView[];

  @ApiProperty({ required: false, type: PreemptionView })
  readonly preemption?: PreemptionView;
}
