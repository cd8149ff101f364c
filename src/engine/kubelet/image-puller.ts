import type { EventRecorder, PartOfObject } from '../client/event-recorder.js';
import type { ContainerRuntime } from '../container-runtime/container-runtime.js';
import { between, type Duration, type Instant } from '../kernel/clock.js';
import type { Simulation } from '../kernel/simulation.js';
import type { Container } from '../machinery/api/core-v1.js';
import { PullBackoff } from './restart-policy.js';

const SIZE_MIN_BYTES = 5_000_000;
const SIZE_SPREAD_BYTES = 95_000_000;

/** Why a container waits, as its status tells. */
export interface WaitingReason {
  readonly reason: string;
  readonly message: string;
}

export type ImageOutcome =
  | { readonly imageId: string; readonly waiting?: never }
  /** `retryAt`: when to ask again; without it, only a change of the pod helps. */
  | { readonly imageId?: never; readonly waiting: WaitingReason; readonly retryAt?: Instant };

export interface ImageRequest {
  readonly container: Container;
  /** The container as events speak of it. */
  readonly about: PartOfObject;
}

/** Obtains images for the containers of one pod, by their pull policies, with a back-off for pulls that fail. */
export class ImagePuller {
  readonly #simulation: Simulation;
  readonly #runtime: ContainerRuntime;
  readonly #recorder: EventRecorder;
  readonly #backoffs = new Map<string, PullBackoff>();

  constructor({
    simulation,
    runtime,
    recorder,
  }: {
    readonly simulation: Simulation;
    readonly runtime: ContainerRuntime;
    readonly recorder: EventRecorder;
  }) {
    this.#simulation = simulation;
    this.#runtime = runtime;
    this.#recorder = recorder;
  }

  obtain(request: ImageRequest, done: (outcome: ImageOutcome) => void): void {
    const { about, container } = request;
    const image = container.image ?? '';
    const policy = container.imagePullPolicy ?? 'IfNotPresent';
    const present = this.#runtime.imageId(image);
    if (present !== undefined && policy !== 'Always') {
      const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
      this.#recorder.record(about, 'Normal', 'Pulled', message);
      return done({ imageId: present });
    }
    if (present === undefined && policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      this.#recorder.record(about, 'Warning', 'ErrImageNeverPull', message);
      return done({ waiting: { reason: 'ErrImageNeverPull', message } });
    }
    const backoff = this.#backoffs.get(image);
    if (backoff?.retryAt !== undefined && this.#simulation.now < backoff.retryAt) {
      const text = `Back-off pulling image "${image}"`;
      this.#recorder.record(about, 'Normal', 'BackOff', text);
      this.#recorder.record(about, 'Warning', 'Failed', 'Error: ImagePullBackOff');
      const waiting = { reason: 'ImagePullBackOff', message: `${text}: ErrImagePull: ${backoff.lastError}` };
      return done({ waiting, retryAt: backoff.retryAt });
    }
    this.#pull(request, image, done);
  }

  #pull({ about }: ImageRequest, image: string, done: (outcome: ImageOutcome) => void): void {
    this.#recorder.record(about, 'Normal', 'Pulling', `Pulling image "${image}"`);
    const begun = this.#simulation.now;
    this.#runtime.pull(image, ({ imageId, error }) => {
      const { now } = this.#simulation;
      if (imageId !== undefined) {
        this.#backoffs.delete(image);
        const took = goMilliseconds(between(begun, now));
        const message = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${sizeOf(image)} bytes.`;
        this.#recorder.record(about, 'Normal', 'Pulled', message);
        return done({ imageId });
      }
      const backoff = this.#backoffs.get(image) ?? new PullBackoff();
      this.#backoffs.set(image, backoff);
      const retryAt = backoff.failed(now, error);
      this.#recorder.record(about, 'Warning', 'Failed', `Failed to pull image "${image}": ${error}`);
      this.#recorder.record(about, 'Warning', 'Failed', 'Error: ErrImagePull');
      done({ waiting: { reason: 'ErrImagePull', message: error }, retryAt });
    });
  }
}

/** A length as Go prints one below a minute: `43ms`, `1.204s`. */
const goMilliseconds = (length: Duration): string => (length < 1_000 ? `${length}ms` : `${length / 1_000}s`);

/** A plausible size that is a function of the name: simulated images have no layers. */
function sizeOf(image: string): number {
  let hash = 0;
  for (let index = 0; index < image.length; index++) hash = (Math.imul(hash, 33) + image.charCodeAt(index)) >>> 0;
  return SIZE_MIN_BYTES + (hash % SIZE_SPREAD_BYTES);
}
