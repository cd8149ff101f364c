import type { MetricStatus } from '../../machinery/api/autoscaling-v2.js';
import type { PodMetrics } from '../pod-metrics.port.js';
import type { ScaleQuestion } from './replica-calculation.js';

export interface MetricProposal {
  readonly replicas: number;
  readonly name: string;
  readonly status: MetricStatus;
}

/** Why a metric says nothing: the words of its event and condition, and those of the whole. */
export interface MetricFault {
  readonly reason: string;
  readonly fault: string;
  readonly prefix: string;
}

export interface MetricQuestion extends ScaleQuestion {
  readonly metrics: PodMetrics | undefined;
  readonly namespace: string;
  /** How many the target says there are. */
  readonly statusReplicas: number;
}
