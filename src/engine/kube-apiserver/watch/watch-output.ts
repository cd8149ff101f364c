import type { Status } from '../../machinery/status-error.js';
import type { Item } from '../encoding/list-body.js';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** A change as one watch sees it. */
export interface WatchChange {
  readonly type: ChangeType;
  /** `namespace/name`, or the bare name. */
  readonly key: string;
  readonly revision: number;
  /** The object to show; made when first asked for. */
  item(): Item;
}

/** Where a watch's events go. Nothing is called after `end`. */
export interface WatchOutput {
  /** The state from which the watch starts, in key order. */
  initial(items: Iterable<Item>, revision: number): void;
  change(change: WatchChange): void;
  bookmark(revision: number, isEndOfInitialEvents: boolean): void;
  /** The last event: the watch cannot go on. */
  fail(status: Status, revision: number): void;
  end(): void;
}
