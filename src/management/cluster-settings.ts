import type { ClockMode, ClockSettings } from '../hosting/cluster-settings.js';
import type { NewCluster } from '../hosting/cluster-host.js';
import { quantityValue } from '../engine/machinery/quantity.js';
import { sentPolicy } from './audit/sent-policy.js';
import type { ClockBody, EtcdBody, NewClusterBody, TopologyBody } from './cluster.dto.js';
import { InvalidBodyError } from './validation.js';
import { parseDuration, parseRfc3339 } from './validators.js';

const ETCD_COMPACTION_INTERVAL = '5m';
const WORKER_CPU = '8';
const WORKER_MEMORY = '32Gi';
const WORKER_PODS = 110;

/** The cluster that a valid body asks for. @throws InvalidBodyError where its parts contradict each other. */
export function newClusterOf(body: NewClusterBody): NewCluster {
  const { controlPlanes = 1, workers = 3, workerCapacity = {}, zones = [] } = body.topology ?? {};
  const { cpu = WORKER_CPU, memory = WORKER_MEMORY, pods = WORKER_PODS } = workerCapacity;
  const start = body.clock?.start === undefined ? undefined : parseRfc3339(body.clock.start);
  return {
    name: body.name,
    ...(body.seed === undefined ? {} : { seed: body.seed }),
    ...(start === undefined ? {} : { start }),
    clock: clockOf(body.clock ?? {}, 'realtime', 'clock.'),
    latency: body.latency ?? 'fast',
    durability: body.durability ?? 'durable',
    ...etcdOf(body.etcd ?? {}),
    ...(body.outsideServices === undefined ? {} : { outsideServices: body.outsideServices }),
    ...componentsOf(body),
    ...(body.audit === undefined ? {} : { audit: { policy: sentPolicy(body.audit.policy, 'audit.policy') } }),
    topology: { controlPlanes, workers, workerCapacity: { cpu, memory, pods }, zones, ...regionOf(body.topology) },
  };
}

/** Only what was said: the components have their own defaults. */
const componentsOf = ({ controllers, scheduler, kubelets }: NewClusterBody): Partial<NewCluster> => ({
  ...(controllers === undefined ? {} : { controllers }),
  ...(scheduler === undefined ? {} : { scheduler }),
  ...(kubelets === undefined ? {} : { kubelets }),
});

const regionOf = ({ region }: TopologyBody = {}): { readonly region?: string } =>
  region === undefined ? {} : { region };

/** Without an interval it is upstream's. */
function etcdOf({ compactionInterval = ETCD_COMPACTION_INTERVAL, quota }: EtcdBody): Pick<NewCluster, 'etcd'> {
  const interval = parseDuration(compactionInterval);
  if (interval === undefined) return {};
  const limit = quota === undefined ? {} : { quotaBytes: Math.ceil(quantityValue(quota)) };
  return { etcd: { compactionInterval: interval, ...limit } };
}

/** `prefix` is the path of the clock in the body. @throws InvalidBodyError */
export function clockOf({ mode, rate }: ClockBody, preset: ClockMode, prefix = ''): ClockSettings {
  const field = `${prefix}rate`;
  switch (mode ?? preset) {
    case 'realtime':
      if (rate !== undefined && rate !== 1) throw invalid(field, 'must be 1 or absent for a realtime clock');
      return { mode: 'realtime', rate: 1 };
    case 'paused':
      if (rate !== undefined) throw invalid(field, 'must be absent for a paused clock');
      return { mode: 'paused', rate: 0 };
    case 'scaled':
      if (rate === undefined) throw invalid(field, 'must be given for a scaled clock');
      return { mode: 'scaled', rate };
  }
}

const invalid = (field: string, message: string): InvalidBodyError =>
  new InvalidBodyError([{ field, message: `${field} ${message}` }]);
