import { after, milliseconds, seconds, type Duration, type Instant } from '../kernel/clock.js';
import type { Container, Probe } from '../machinery/api/core-v1.js';

const PERIOD_DEFAULT_SECONDS = 10;

/**
 * When a process that answers its probes is started and ready. The outcome of every probe of such a process is known
 * beforehand, so none is scheduled: a probe that has succeeded `successThreshold` times stays so until the process ends.
 */
export interface ReadyTimes {
  readonly startedUp: Instant;
  readonly ready: Instant;
}

export function readyTimes(container: Container, startedAt: Instant, answer: Duration): ReadyTimes {
  const startedUp = passedAt(container.startupProbe, startedAt, answer);
  return { startedUp, ready: passedAt(container.readinessProbe, startedUp, answer) };
}

function passedAt(probe: Probe | undefined, from: Instant, answer: Duration): Instant {
  if (probe === undefined) return from;
  const { initialDelaySeconds = 0, periodSeconds = PERIOD_DEFAULT_SECONDS, successThreshold = 1 } = probe;
  const lastStart = after(from, seconds(initialDelaySeconds + (successThreshold - 1) * periodSeconds));
  return after(lastStart, milliseconds(answer));
}
