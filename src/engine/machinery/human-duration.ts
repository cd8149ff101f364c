import type { Duration } from '../kernel/clock.js';

const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_H = 24;
const YEAR_H = 8_760;

/**
 * How old something is, as `kubectl get` shows it: two units while the larger is small, one afterwards. `2m5s`, `12m`, `3d4h`.
 * Mirrors `apimachinery/pkg/util/duration.HumanDuration`.
 */
export function humanDuration(duration: Duration): string {
  const total = Math.trunc(duration / SECOND_MS);
  if (total < -1) return '<invalid>';
  if (total < 0) return '0s';
  if (total < 2 * MINUTE_S) return `${total}s`;
  const minutes = Math.floor(total / MINUTE_S);
  if (minutes < 10) return joined([minutes, 'm'], [total % MINUTE_S, 's']);
  if (minutes < 3 * 60) return `${minutes}m`;
  const hours = Math.floor(total / HOUR_S);
  if (hours < 8) return joined([hours, 'h'], [minutes % 60, 'm']);
  if (hours < 2 * DAY_H) return `${hours}h`;
  const days = Math.floor(hours / DAY_H);
  if (hours < 8 * DAY_H) return joined([days, 'd'], [hours % DAY_H, 'h']);
  if (hours < 2 * YEAR_H) return `${days}d`;
  const years = Math.floor(hours / YEAR_H);
  if (hours < 8 * YEAR_H) return joined([years, 'y'], [Math.floor(hours / DAY_H) % 365, 'd']);
  return `${years}y`;
}

type Part = readonly [count: number, unit: string];

/** The smaller unit only where there is some of it. */
const joined = ([count, unit]: Part, [rest, restUnit]: Part): string =>
  rest === 0 ? `${count}${unit}` : `${count}${unit}${rest}${restUnit}`;
