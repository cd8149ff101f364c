import { instant, type Instant } from '../engine/kernel/clock.js';
import type { ClockMode, ClockSettings } from './cluster-settings.js';

/** A moment at which wall time and cluster time were both known, and the pace from there. */
export interface ClockAnchor {
  readonly mode: ClockMode;
  readonly rate: number;
  /** Wall-clock milliseconds since the Unix epoch. */
  readonly wall: number;
  readonly instant: Instant;
}

export const anchorAt = (settings: ClockSettings, wall: number, at: Instant): ClockAnchor => ({
  mode: settings.mode,
  rate: settings.rate,
  wall,
  instant: at,
});

/** The cluster's time that belongs to a wall time; `undefined` for a paused clock, which no wall time moves. */
export const instantAt = (anchor: ClockAnchor, wall: number): Instant | undefined =>
  anchor.mode === 'paused'
    ? undefined
    : instant(Math.floor(anchor.instant + Math.max(0, wall - anchor.wall) * anchor.rate));

/** The first whole wall millisecond at which an instant is reached; `undefined` for a paused clock. */
export const wallAt = (anchor: ClockAnchor, due: Instant): number | undefined =>
  anchor.mode === 'paused' ? undefined : Math.ceil(anchor.wall + (due - anchor.instant) / anchor.rate);

/**
 * The anchor after the process was away. A restart is a power cut: nothing ran meanwhile. A realtime clock has gone on
 * with the wall, as a machine's does; scaled and paused clocks stood still.
 */
export function anchorAfterRestart(saved: ClockAnchor, last: Instant, wall: number): ClockAnchor {
  const resumed = saved.mode === 'realtime' ? (instantAt(saved, wall) ?? last) : last;
  return anchorAt(saved, wall, resumed > last ? resumed : last);
}
