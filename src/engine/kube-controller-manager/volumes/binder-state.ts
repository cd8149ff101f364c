import type { PersistentVolume } from '../../machinery/api/core-v1.js';
import type { ReconcileContext } from '../controller.js';

/** A volume that a pod empties. */
export interface Recycling {
  /** As it was when the work began: what events are about. */
  readonly volume: PersistentVolume;
  /** Names of the pod's events that were told of the volume as well. */
  readonly told: Set<string>;
  /** Of the pod; `undefined` until it is made. */
  uid: string | undefined;
}

/** What is being recycled, by the name of the volume. */
export type BinderState = Map<string, Recycling>;
export type BinderContext = ReconcileContext<BinderState>;
