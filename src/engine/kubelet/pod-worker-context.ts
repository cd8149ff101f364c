import type { Client } from '../client/client.js';
import type { EventRecorder } from '../client/event-recorder.js';
import type { ContainerRuntime } from '../container-runtime/container-runtime.js';
import type { LatencyProfile } from '../container-runtime/latency-profile.js';
import type { Simulation } from '../kernel/simulation.js';
import type { Pod } from '../machinery/api/core-v1.js';
import type { PodAddresses } from './pod-addresses.js';
import type { Verdict } from './pod-status.js';

/** What a pod worker has of its kubelet. */
export interface PodWorkerContext {
  readonly simulation: Simulation;
  readonly runtime: ContainerRuntime;
  readonly runtimeName: string;
  readonly latency: LatencyProfile;
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly addresses: PodAddresses;
  readonly hostIp: string;
  /** Why this node does not take the pod, if it does not. */
  reject(object: Pod): Verdict | undefined;
  /** Called when all containers have ended for good: the pod occupies nothing any more. */
  finished(): void;
  /** Called when nothing of the pod is left on the node. */
  ended(): void;
}
