import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsPositive,
  Matches,
  Max,
  MaxLength,
  Min,
  IsObject,
  IsString,
  ValidateNested,
} from 'class-validator';
import type { NewCluster } from '../hosting/cluster-host.js';
import {
  DNS_LABEL,
  DNS_LABEL_LENGTH_MAX,
  IsDuration,
  IsName,
  IsPositiveQuantity,
  IsSchedulerSetting,
  IsServiceUrls,
  IsTimestamp,
  MayBeAbsent,
} from './validators.js';

export const CLOCK_MODES = ['realtime', 'scaled', 'paused'] as const;
export const LATENCIES = ['instant', 'fast', 'realistic'] as const;
export const DURABILITIES = ['durable', 'ephemeral'] as const;
export const KUBELET_POLICIES = ['annotated', 'all'] as const;
export const KUBELET_STATES = ['running', 'stopped'] as const;
const RATE_MAX = 100_000;
const CONTROL_PLANES_MAX = 9;
const WORKERS_MAX = 5_000;
const PODS_MAX = 1_000;
const ZONES_MAX = 100;
const CONTROLLERS_MAX = 200;

export class ClockBody {
  @ApiProperty({ enum: CLOCK_MODES, required: false, default: 'realtime' })
  @MayBeAbsent()
  @IsIn(CLOCK_MODES)
  mode?: (typeof CLOCK_MODES)[number];

  @ApiProperty({
    required: false,
    maximum: RATE_MAX,
    description: 'Simulated seconds per real second; given for a scaled clock, and for no other.',
  })
  @MayBeAbsent()
  @IsNumber()
  @IsPositive()
  @Max(RATE_MAX)
  rate?: number;
}

export class NewClockBody extends ClockBody {
  @ApiProperty({ required: false, format: 'date-time', description: "The cluster's time at its creation; else now." })
  @MayBeAbsent()
  @IsTimestamp()
  start?: string;
}

export class WorkerCapacityBody {
  @ApiProperty({ required: false, default: '8', description: 'A Kubernetes quantity.' })
  @MayBeAbsent()
  @IsPositiveQuantity()
  cpu?: string;

  @ApiProperty({ required: false, default: '32Gi', description: 'A Kubernetes quantity.' })
  @MayBeAbsent()
  @IsPositiveQuantity()
  memory?: string;

  @ApiProperty({ required: false, default: 110, minimum: 1, maximum: PODS_MAX })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(PODS_MAX)
  pods?: number;
}

export class TopologyBody {
  @ApiProperty({ required: false, default: 1, minimum: 1, maximum: CONTROL_PLANES_MAX })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(CONTROL_PLANES_MAX)
  controlPlanes?: number;

  @ApiProperty({ required: false, default: 3, minimum: 0, maximum: WORKERS_MAX })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(WORKERS_MAX)
  workers?: number;

  @ApiProperty({ required: false, type: WorkerCapacityBody })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => WorkerCapacityBody)
  workerCapacity?: WorkerCapacityBody;

  @ApiProperty({ required: false, type: [String], description: 'Nodes are dealt over the zones in turn.' })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(ZONES_MAX)
  @ArrayUnique({ message: '$property must not name a zone twice' })
  @Matches(DNS_LABEL, { each: true, message: 'each value in $property must be a DNS-1123 label' })
  @MaxLength(DNS_LABEL_LENGTH_MAX, { each: true })
  zones?: string[];

  @ApiProperty({
    required: false,
    default: 'r1',
    description: 'What the zones are parts of; it needs zones.',
  })
  @MayBeAbsent()
  @IsName()
  region?: string;
}

export class EtcdBody {
  @ApiProperty({
    required: false,
    default: '5m',
    description: 'How often history is compacted: watches and lists reach back between one and two of these.',
  })
  @MayBeAbsent()
  @IsDuration()
  compactionInterval?: string;

  @ApiProperty({
    required: false,
    example: '8Gi',
    description: 'What the database may hold, history included; writes beyond it are refused. None unless given.',
  })
  @MayBeAbsent()
  @IsPositiveQuantity()
  quota?: string;
}

export class AuditBody {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'A Policy of audit.k8s.io/v1, as `--audit-policy-file` has it; in effect from the first request on.',
  })
  @IsObject()
  policy!: object;
}

export class NewClusterBody {
  @ApiProperty({ description: 'A DNS-1123 label.', pattern: DNS_LABEL.source, maxLength: DNS_LABEL_LENGTH_MAX })
  @IsName()
  name!: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'The same seed and the same inputs give the same history; random where it is not given.',
  })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  seed?: number;

  @ApiProperty({ required: false, type: NewClockBody })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => NewClockBody)
  clock?: NewClockBody;

  @ApiProperty({ required: false, enum: LATENCIES, default: 'fast' })
  @MayBeAbsent()
  @IsIn(LATENCIES)
  latency?: (typeof LATENCIES)[number];

  @ApiProperty({ required: false, enum: DURABILITIES, default: 'durable' })
  @MayBeAbsent()
  @IsIn(DURABILITIES)
  durability?: (typeof DURABILITIES)[number];

  @ApiProperty({ required: false, type: EtcdBody })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => EtcdBody)
  etcd?: EtcdBody;

  @ApiProperty({
    selfRequired: false,
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { 'operators/webhook': 'https://127.0.0.1:9443' },
    description:
      'Services (namespace/name) that stand for a process outside the cluster, each with its URL: webhooks of an operator under development. The server must permit the address.',
  })
  @MayBeAbsent()
  @IsServiceUrls()
  outsideServices?: Record<string, string>;

  @ApiProperty({
    required: false,
    type: [String],
    default: ['*'],
    example: ['*', '-deployment-controller'],
    description: "Which controllers run, as kube-controller-manager's --controllers has it.",
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(CONTROLLERS_MAX)
  @IsString({ each: true })
  controllers?: string[];

  @ApiProperty({
    required: false,
    oneOf: [
      { type: 'object', additionalProperties: true },
      { type: 'string', enum: ['off'] },
    ],
    description:
      "A KubeSchedulerConfiguration (v1), or `off` where pods are scheduled from outside. Extenders and plugins of one's own are not taken.",
  })
  @MayBeAbsent()
  @IsSchedulerSetting()
  scheduler?: NonNullable<NewCluster['scheduler']>;

  @ApiProperty({
    required: false,
    enum: KUBELET_POLICIES,
    default: 'annotated',
    description: 'Which Nodes that clients make get a kubelet: those with the annotation kwok.x-k8s.io/node, or all.',
  })
  @MayBeAbsent()
  @IsIn(KUBELET_POLICIES)
  kubelets?: (typeof KUBELET_POLICIES)[number];

  @ApiProperty({ required: false, type: AuditBody })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => AuditBody)
  audit?: AuditBody;

  @ApiProperty({ required: false, type: TopologyBody })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => TopologyBody)
  topology?: TopologyBody;
}

export class AdvanceBody {
  @ApiProperty({ description: 'Such as 500ms, 90s or 1h30m.', example: '5m' })
  @IsDuration()
  duration!: string;
}

export class KubeletBody {
  @ApiProperty({ enum: KUBELET_STATES })
  @IsIn(KUBELET_STATES)
  state!: (typeof KUBELET_STATES)[number];
}
