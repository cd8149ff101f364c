import type { ResourceAmounts } from '../kinds/pod-requests.js';
import { SCORE_MAX } from './framework.js';

export interface WeightedResource {
  readonly name: string;
  readonly weight?: number;
}

export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** How a node is valued by what would be used of one resource: `used` of `capacity`, both above 0. */
export type ShareScore = (used: number, capacity: number) => number;

export const CPU_AND_MEMORY: readonly WeightedResource[] = Object.freeze([
  Object.freeze({ name: 'cpu', weight: 1 }),
  Object.freeze({ name: 'memory', weight: 1 }),
]);

/** Scores in `RequestedToCapacityRatio` shapes go up to this. */
const SHAPE_SCORE_MAX = 10;
const PERCENT = 100;

export const leastAllocated: ShareScore = (used, capacity) =>
  used > capacity ? 0 : Math.floor(((capacity - used) * SCORE_MAX) / capacity);

export const mostAllocated: ShareScore = (used, capacity) =>
  Math.floor((Math.min(used, capacity) * SCORE_MAX) / capacity);

/** Straight lines between the points; flat before the first and after the last. */
export function requestedToCapacity(shape: readonly ShapePoint[]): ShareScore {
  const points = shape.map(({ utilization, score }) => ({ utilization, score: score * (SCORE_MAX / SHAPE_SCORE_MAX) }));
  return (used, capacity) => {
    const utilization = used > capacity ? PERCENT : Math.floor((used * PERCENT) / capacity);
    for (const [index, point] of points.entries()) {
      if (utilization > point.utilization) continue;
      const before = points[index - 1];
      if (before === undefined) return point.score;
      const rise = (point.score - before.score) * (utilization - before.utilization);
      return before.score + Math.trunc(rise / (point.utilization - before.utilization));
    }
    return points.at(-1)?.score ?? 0;
  };
}

export const amountOf = (amounts: ResourceAmounts, resource: string): number => amounts[resource] ?? 0;

/** What every node has; other resources count only for pods that ask for them. */
export const isNative = (resource: string): boolean =>
  resource === 'cpu' || resource === 'memory' || resource === 'ephemeral-storage';
