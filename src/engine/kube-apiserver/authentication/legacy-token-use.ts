import { timestamp } from '../../kernel/clock.js';
import type { Simulation } from '../../kernel/simulation.js';
import { WorkQueue } from '../../kernel/work-queue.js';
import { secret as secretKind } from '../../kinds/secret.js';
import type { Secret } from '../../machinery/api/core-v1.js';
import { keyOf, type Draft, type KubeObject } from '../../machinery/object.js';
import type { FieldTracker } from '../ownership/field-tracker.js';
import type { ResourceStorage } from '../storage/resource-storage.js';

const LAST_USED_LABEL = 'kubernetes.io/legacy-token-last-used';
const DATE_LENGTH = 'yyyy-mm-dd'.length;
const MANAGER = 'kube-apiserver';

export interface LegacyTokenUseOptions {
  readonly storage: ResourceStorage;
  readonly fields: FieldTracker;
  readonly simulation: Simulation;
}

/** Notes on the Secret of a service account's old, lasting token on which day that was last used: at most one write a day. */
export class LegacyTokenUse {
  readonly #options: LegacyTokenUseOptions;
  readonly #queue: WorkQueue;

  constructor(options: LegacyTokenUseOptions) {
    this.#options = options;
    this.#queue = new WorkQueue(options.simulation, (key) => this.#work(key));
  }

  /** Later: whoever asks may be in the middle of another write. */
  note(secret: Secret): void {
    if (secret.metadata.labels?.[LAST_USED_LABEL] !== this.#today) this.#queue.add(keyOf(secret));
  }

  get #today(): string {
    return timestamp(this.#options.simulation.now).slice(0, DATE_LENGTH);
  }

  #work(key: string): void {
    const { storage, fields } = this.#options;
    this.#queue.forget(key);
    const entry = storage.get(secretKind, key);
    if (entry === undefined || entry.object.metadata.labels?.[LAST_USED_LABEL] === this.#today) return;
    const { metadata } = entry.object;
    const labels = { ...metadata.labels, [LAST_USED_LABEL]: this.#today };
    const object = { ...entry.object, metadata: { ...metadata, labels } };
    const writer = { kind: secretKind, subresource: '', manager: MANAGER };
    fields.updated(writer, object as KubeObject as Draft<KubeObject>, entry.object);
    storage.write(secretKind, { object, expectedRevision: entry.modRevision });
  }
}
