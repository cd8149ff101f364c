import type { CrossVersionObjectReference, MetricIdentifier } from '../machinery/api/autoscaling-v2.js';
import type { Pod } from '../machinery/api/core-v1.js';

/** What pods use, as the resource metrics API would tell it, and what other metrics say where their APIs are served. */
export interface PodMetrics {
  /** In thousandths of the resource's unit, of one container or of all; `undefined` where nothing is known of the pod. */
  usageOf(object: Pod, resource: string, container: string | undefined): number | undefined;
  readonly custom?: CustomMetrics;
  readonly external?: ExternalMetrics;
}

/** Mirrors custom.metrics.k8s.io. All values are in thousandths; `undefined` where nothing is known. */
export interface CustomMetrics {
  ofPod(object: Pod, metric: MetricIdentifier): number | undefined;
  ofObject(namespace: string, object: CrossVersionObjectReference, metric: MetricIdentifier): number | undefined;
}

/** Mirrors external.metrics.k8s.io. */
export interface ExternalMetrics {
  /** The metric's series that the selector picks, in thousandths. */
  values(namespace: string, metric: MetricIdentifier): readonly number[];
}
