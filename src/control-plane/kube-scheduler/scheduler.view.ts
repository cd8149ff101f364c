import { ApiProperty } from '@nestjs/swagger';

const PLACES = ['active', 'backoff', 'unschedulable', 'in-flight', 'gated'] as const;

export class QueueView {
  @ApiProperty({ description: 'Pods that are ready to be tried.' })
  readonly active!: number;

  @ApiProperty({ description: 'Pods that wait out a back-off.' })
  readonly backoff!: number;

  @ApiProperty({ description: 'Pods that fit nowhere until something happens that may help them.' })
  readonly unschedulable!: number;

  @ApiProperty({ description: 'Pods that may not be tried yet.' })
  readonly gated!: number;
}

export class WaitingPodView {
  @ApiProperty({ description: 'namespace/name' })
  readonly key!: string;

  @ApiProperty({ enum: PLACES })
  readonly place!: (typeof PLACES)[number];

  @ApiProperty()
  readonly priority!: number;

  @ApiProperty()
  readonly attempts!: number;

  @ApiProperty({ format: 'date-time', description: 'When it came, or came back from its last attempt.' })
  readonly since!: string;

  @ApiProperty({ type: [String], description: 'The plugins that rejected it last.' })
  readonly rejectedBy!: readonly string[];
}

export class CachedNodeView {
  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ description: 'Pods that are bound to it, or about to be.' })
  readonly pods!: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'number' },
    description: 'CPU in thousandths of a core, memory and storage in bytes.',
  })
  readonly requested!: Readonly<Record<string, number>>;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'number' } })
  readonly allocatable!: Readonly<Record<string, number>>;
}

/** What the scheduler of a cluster is doing. */
export class SchedulerView {
  @ApiProperty({ description: 'Without it everything else is empty.' })
  readonly enabled!: boolean;

  @ApiProperty({ type: QueueView })
  readonly queue!: QueueView;

  @ApiProperty({ type: [WaitingPodView], description: 'At most 1,000 of them.' })
  readonly waiting!: readonly WaitingPodView[];

  @ApiProperty({ type: [String], description: 'The schedulerNames that it answers to.' })
  readonly profiles!: readonly string[];

  @ApiProperty({ type: [CachedNodeView] })
  readonly nodes!: readonly CachedNodeView[];
}

const NOTHING = { queue: { active: 0, backoff: 0, unschedulable: 0, gated: 0 }, waiting: [], profiles: [], nodes: [] };

export const schedulerView = (report: Omit<SchedulerView, 'enabled'> | undefined): SchedulerView => ({
  enabled: report !== undefined,
  ...(report ?? NOTHING),
});
