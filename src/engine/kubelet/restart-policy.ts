import { after, between, minutes, seconds, type Instant } from '../kernel/clock.js';
import type { Container } from '../machinery/api/core-v1.js';

const BACKOFF_BASE_SECONDS = 10;
const BACKOFF_MAX_SECONDS = 300;
/** A container that ran longer than this has recovered: its next crash counts as the first. */
const RECOVERED_AFTER = minutes(10);

/** Whether a container that ended with `exitCode` is to be started again. */
export function restarts(container: Container, podPolicy: string, exitCode: number): boolean {
  const policy = container.restartPolicy ?? podPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** The crashes of one container in a row, as far as this kubelet saw them; `attempts` stands in where it saw none. */
export class CrashRecord {
  #crashes: number;
  #counted: number;

  constructor(attempts: number) {
    this.#crashes = attempts;
    this.#counted = attempts - 1;
  }

  /** How long the next start has to wait, in seconds, counted from `finishedAt`. The first restart does not wait. */
  waitSeconds(attempt: number, startedAt: Instant, finishedAt: Instant): number {
    if (attempt > this.#counted) {
      this.#counted = attempt;
      this.#crashes = between(startedAt, finishedAt) > RECOVERED_AFTER ? 1 : this.#crashes + 1;
    }
    return this.#crashes <= 1 ? 0 : Math.min(BACKOFF_BASE_SECONDS * 2 ** (this.#crashes - 2), BACKOFF_MAX_SECONDS);
  }
}

/** Pulls of one image for one pod that failed in a row. */
export class PullBackoff {
  #failures = 0;
  #retryAt: Instant | undefined;
  lastError = '';

  get retryAt(): Instant | undefined {
    return this.#retryAt;
  }

  /** Answers when the next pull may be tried. */
  failed(now: Instant, error: string): Instant {
    this.lastError = error;
    const wait = Math.min(BACKOFF_BASE_SECONDS * 2 ** this.#failures, BACKOFF_MAX_SECONDS);
    this.#failures++;
    this.#retryAt = after(now, seconds(wait));
    return this.#retryAt;
  }
}

/** A length in whole seconds as Go prints it: `10s`, `1m20s`, `5m0s`. */
export function goSeconds(total: number): string {
  const minutesPart = Math.floor(total / 60);
  return minutesPart === 0 ? `${total}s` : `${minutesPart}m${total % 60}s`;
}
