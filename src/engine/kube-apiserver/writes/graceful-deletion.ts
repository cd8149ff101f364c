import { after, instant, parseTimestamp, seconds, timestamp, type Instant } from '../../kernel/clock.js';
import type { Kind } from '../../machinery/kind.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import type { KubeObject } from '../../machinery/object.js';
import type { DeleteOptions } from './delete-options.js';

/** What a delete request makes of an object's metadata. */
export type DeletionStep =
  /** Nobody waits: the object goes now. */
  | { readonly type: 'now' }
  /** It is being deleted already, and this request changes nothing. */
  | { readonly type: 'pending' }
  | { readonly type: 'graceful'; readonly metadata: ObjectMeta; readonly gracePeriodSeconds: number };

/** Mirrors `rest.BeforeDelete`: only kinds with a grace period end gracefully, and a second request may only shorten it. */
export function deletionStep(kind: Kind, object: KubeObject, options: DeleteOptions, now: Instant): DeletionStep {
  if (kind.gracePeriodSeconds === undefined) return { type: 'now' };
  const { metadata } = object;
  const requested = (options.gracePeriodSeconds ?? 0) < 0 ? 1 : options.gracePeriodSeconds;
  if (metadata.deletionTimestamp !== undefined) return shortened(metadata, requested, now);
  const period = kind.gracePeriodSeconds(object, requested);
  if (period === undefined) return { type: 'now' };
  return {
    type: 'graceful',
    gracePeriodSeconds: period,
    metadata: withDeletion(metadata, after(now, seconds(period)), period, 1),
  };
}

function shortened(metadata: ObjectMeta, requested: number | undefined, now: Instant): DeletionStep {
  const current = metadata.deletionGracePeriodSeconds ?? 0;
  if (current === 0) return { type: 'now' };
  if (requested === undefined || requested >= current) return { type: 'pending' };
  const end = parseTimestamp(metadata.deletionTimestamp ?? '') ?? now;
  const moved = instant(end - seconds(current) + seconds(requested));
  if (moved >= now) {
    return { type: 'graceful', gracePeriodSeconds: requested, metadata: withDeletion(metadata, moved, requested, 0) };
  }
  // Somebody else still has to see that the grace is over, unless none was asked for.
  const period = requested === 0 ? 0 : 1;
  return { type: 'graceful', gracePeriodSeconds: period, metadata: withDeletion(metadata, now, period, 0) };
}

/** The metadata of an object without a grace period that waits for its finalizers only. */
export function markedAsDeleting(metadata: ObjectMeta, now: Instant): ObjectMeta {
  const end = metadata.deletionTimestamp === undefined ? undefined : parseTimestamp(metadata.deletionTimestamp);
  const generations = metadata.deletionTimestamp === undefined ? 1 : 0;
  return withDeletion(metadata, end === undefined || end > now ? now : end, 0, generations);
}

function withDeletion(metadata: ObjectMeta, end: Instant, period: number, generations: number): ObjectMeta {
  const { generation = 0 } = metadata;
  return {
    ...metadata,
    ...(generation > 0 ? { generation: generation + generations } : {}),
    deletionTimestamp: timestamp(end),
    deletionGracePeriodSeconds: period,
  };
}
