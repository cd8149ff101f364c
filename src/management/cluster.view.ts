import { ApiProperty } from '@nestjs/swagger';
import { timestamp } from '../engine/kernel/clock.js';
import { instant } from '../engine/kernel/clock.js';
import { formatQuantity, quantityOf } from '../engine/machinery/quantity.js';
import { formatGoDuration } from '../engine/machinery/schema/go-duration.js';
import type { Doors } from '../config/doors.js';
import type { ClockMode, ClusterSettings, ClusterState, Durability } from '../hosting/cluster-settings.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import { CLOCK_MODES, DURABILITIES, KUBELET_POLICIES, KUBELET_STATES, LATENCIES } from './cluster.dto.js';

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const STATES: readonly ClusterState[] = ['starting', 'running', 'failed', 'removed'];

export class ClockView {
  @ApiProperty({ enum: CLOCK_MODES })
  readonly mode!: ClockMode;

  @ApiProperty({ description: 'Simulated seconds per real second; 0 for a paused clock.' })
  readonly rate!: number;

  @ApiProperty({ required: false, format: 'date-time', description: "The cluster's time; absent until it runs." })
  readonly now?: string;
}

export class WorkerCapacityView {
  @ApiProperty()
  readonly cpu!: string;

  @ApiProperty()
  readonly memory!: string;

  @ApiProperty()
  readonly pods!: number;
}

export class TopologyView {
  @ApiProperty()
  readonly controlPlanes!: number;

  @ApiProperty()
  readonly workers!: number;

  @ApiProperty({ type: WorkerCapacityView })
  readonly workerCapacity!: WorkerCapacityView;

  @ApiProperty({ type: [String] })
  readonly zones!: readonly string[];

  @ApiProperty({ required: false, description: 'r1 where there are zones and nothing else was said.' })
  readonly region?: string;
}

export class EtcdView {
  @ApiProperty({ description: 'Such as 5m0s.' })
  readonly compactionInterval!: string;

  @ApiProperty({ required: false, description: 'A Kubernetes quantity; absent where there is none.' })
  readonly quota?: string;
}

export class ClusterView {
  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty()
  readonly tenant!: string;

  @ApiProperty({ format: 'date-time', description: 'In real time.' })
  readonly createdAt!: string;

  @ApiProperty({ enum: STATES, description: '`starting` while it is brought back after a restart.' })
  readonly state!: ClusterState;

  @ApiProperty({ description: "The root of the cluster's Kubernetes API." })
  readonly server!: string;

  @ApiProperty()
  readonly seed!: number;

  @ApiProperty({ type: ClockView })
  readonly clock!: ClockView;

  @ApiProperty({ enum: LATENCIES })
  readonly latency!: string;

  @ApiProperty({ enum: DURABILITIES })
  readonly durability!: Durability;

  @ApiProperty({ type: EtcdView })
  readonly etcd!: EtcdView;

  @ApiProperty({
    type: [String],
    description: 'As the cluster was created; what was switched since tells `controllers`.',
  })
  readonly controllers!: readonly string[];

  @ApiProperty({
    oneOf: [
      { type: 'object', additionalProperties: true },
      { type: 'string', enum: ['off'] },
    ],
    description: 'As the cluster was created.',
  })
  readonly scheduler!: ClusterSettings['scheduler'];

  @ApiProperty({ enum: KUBELET_POLICIES })
  readonly kubelets!: (typeof KUBELET_POLICIES)[number];

  @ApiProperty({ type: TopologyView })
  readonly topology!: TopologyView;
}

export class NodeView {
  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ enum: ['control-plane', 'worker'] })
  readonly role!: 'control-plane' | 'worker';

  @ApiProperty({ required: false })
  readonly zone?: string;

  @ApiProperty({ enum: KUBELET_STATES })
  readonly kubelet!: 'running' | 'stopped';
}

export function clusterView(live: LiveCluster, doors: Doors): ClusterView {
  const { id, tenant, createdAt, settings } = live.identity;
  const { name, seed, latency, durability, etcd, topology } = settings;
  const { controllers = ['*'], scheduler = {}, kubelets = 'annotated' } = settings;
  return {
    name,
    id,
    tenant,
    createdAt: timestamp(instant(createdAt)),
    state: live.state,
    server: doors.clusterUrl(tenant, name),
    seed,
    clock: clockView(live),
    latency,
    durability,
    etcd: etcdView(etcd),
    controllers,
    scheduler,
    kubelets,
    topology,
  };
}

/** In whole milliseconds, as the duration was taken. */
const etcdView = ({ compactionInterval, quotaBytes }: ClusterSettings['etcd']): EtcdView => ({
  compactionInterval: formatGoDuration(BigInt(compactionInterval) * NANOSECONDS_PER_MILLISECOND),
  ...(quotaBytes === undefined ? {} : { quota: formatQuantity(quantityOf(quotaBytes, 'BinarySI')) }),
});

export function clockView({ clock, now }: LiveCluster): ClockView {
  const { mode, rate } = clock;
  return { mode, rate, ...(now === undefined ? {} : { now: new Date(now).toISOString() }) };
}
