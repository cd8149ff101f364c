import type { Instant } from '../../kernel/clock.js';
import type { HPAScalingRules } from '../../machinery/api/autoscaling-v2.js';

const MS_PER_SECOND = 1_000;
const DOWNSCALE_WINDOW_SECONDS = 300;
const SCALE_UP_FACTOR = 2;
const SCALE_UP_MIN = 4;
const RECOMMENDATIONS_MAX = 1_000;

export interface ScalingBounds {
  readonly min: number;
  readonly max: number;
}

export interface Limited {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

interface Stamped {
  readonly at: Instant;
  readonly count: number;
}

const WITHIN = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' } as const;
const TOO_MANY = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
} as const;
const TOO_FEW = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
} as const;
const TOO_FAST_UP = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
} as const;
const TOO_FAST_DOWN = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
} as const;

/** What was recommended of late, and what was done: so that an autoscaler neither flutters nor runs away. */
export class ScalingHistory {
  #recommendations: Stamped[];
  #changes: Stamped[] = [];

  constructor(replicas: number, now: Instant) {
    this.#recommendations = [{ at: now, count: replicas }];
  }

  /** Notes a change of the scale; one downwards is negative. */
  changed(by: number, now: Instant, rules: readonly (HPAScalingRules | undefined)[]): void {
    const periods = rules.flatMap((each) => (each?.policies ?? []).map(({ periodSeconds }) => periodSeconds));
    const cutoff = now - Math.max(0, ...periods) * MS_PER_SECOND;
    this.#changes = [...this.#changes.filter(({ at }) => at >= cutoff), { at: now, count: by }];
  }

  /** The recommendation that holds: not lower than any of late for going down, not higher than any for going up. */
  stabilized(desired: number, current: number, now: Instant, rules?: Behavior): Limited {
    const down = rules?.scaleDown?.stabilizationWindowSeconds ?? DOWNSCALE_WINDOW_SECONDS;
    const up = rules?.scaleUp?.stabilizationWindowSeconds ?? 0;
    const since = (window: number): number => now - window * MS_PER_SECOND;
    let highest = desired;
    let lowest = desired;
    for (const { at, count } of this.#recommendations) {
      if (at > since(down)) highest = Math.max(highest, count);
      if (at > since(up)) lowest = Math.min(lowest, count);
    }
    const kept = this.#recommendations.filter(({ at }) => at >= since(Math.max(up, down)));
    this.#recommendations = [...kept, { at: now, count: desired }].slice(-RECOMMENDATIONS_MAX);
    const replicas = rules === undefined ? highest : Math.min(Math.max(current, lowest), highest);
    if (replicas === desired) {
      return { replicas, reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
    }
    return rules !== undefined && desired >= current
      ? {
          replicas,
          reason: 'ScaleUpStabilized',
          message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
        }
      : {
          replicas,
          reason: 'ScaleDownStabilized',
          message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
        };
  }

  /** As far as the bounds and the rates let it go. */
  limited(desired: number, current: number, bounds: ScalingBounds, pace: Pace): Limited {
    const { rules } = pace;
    if (rules === undefined) return limitedByRule(desired, current, bounds);
    if (desired > current) {
      const rate = Math.max(this.#limit(rules.scaleUp, current, pace, 1), current);
      const highest = Math.min(bounds.max, rate);
      if (desired > highest) return { replicas: highest, ...(bounds.max > rate ? TOO_FAST_UP : TOO_MANY) };
    } else if (desired < current) {
      const rate = Math.min(this.#limit(rules.scaleDown, current, pace, -1), current);
      const lowest = Math.max(bounds.min, rate);
      if (desired < lowest) return { replicas: lowest, ...(bounds.min < rate ? TOO_FAST_DOWN : TOO_FEW) };
    }
    return { replicas: desired, ...WITHIN };
  }

  /** How far the policies let the scale go in one direction, by what has changed in their periods. */
  #limit(rules: HPAScalingRules | undefined, current: number, { now }: Pace, direction: 1 | -1): number {
    const { selectPolicy = 'Max', policies = [] } = rules ?? {};
    if (selectPolicy === 'Disabled') return current;
    const proposals = policies.map(({ type, value, periodSeconds }) => {
      const cutoff = now - periodSeconds * MS_PER_SECOND;
      const changed = this.#changes.filter(({ at }) => at > cutoff).reduce((sum, { count }) => sum + count, 0);
      const start = current - changed;
      if (type === 'Pods') return start + direction * value;
      return direction > 0 ? Math.ceil(start * (1 + value / 100)) : Math.trunc(start * (1 - value / 100));
    });
    const wantsMost = selectPolicy !== 'Min';
    return wantsMost === direction > 0 ? Math.max(...proposals) : Math.min(...proposals);
  }
}

export interface Behavior {
  readonly scaleUp?: HPAScalingRules;
  readonly scaleDown?: HPAScalingRules;
}

export interface Pace {
  readonly rules: Behavior | undefined;
  readonly now: Instant;
}

/** Without rules of its own, an autoscaler may double, or go up to four. */
function limitedByRule(desired: number, current: number, { min, max }: ScalingBounds): Limited {
  const rate = Math.max(SCALE_UP_FACTOR * current, SCALE_UP_MIN);
  if (desired < min) return { replicas: min, ...TOO_FEW };
  const highest = Math.min(max, rate);
  if (desired > highest) return { replicas: highest, ...(max > rate ? TOO_FAST_UP : TOO_MANY) };
  return { replicas: desired, ...WITHIN };
}
