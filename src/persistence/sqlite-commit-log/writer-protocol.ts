import type { RecoveredLog } from '../../hosting/commit-log.port.js';

/** Where the writer thread finds its database; given to it at its start. */
export interface WriterSettings {
  readonly path: string;
}

/** One wish of the main thread. `bytes` is how much of the group's payload belongs to it, taken in turn. */
export type WriterOperation =
  | {
      readonly kind: 'append';
      readonly clusterId: string;
      readonly revisionFrom: number;
      readonly revisionTo: number;
      readonly instant: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'stage';
      readonly clusterId: string;
      readonly revision: number;
      readonly part: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'checkpoint';
      readonly clusterId: string;
      readonly revision: number;
      readonly instant: number;
      readonly parts: number;
    }
  | { readonly kind: 'load'; readonly clusterId: string }
  | { readonly kind: 'forget'; readonly clusterId: string };

/** What becomes durable together, or not at all. One group is in flight at a time. */
export interface WriterGroup {
  readonly operations: readonly WriterOperation[];
  readonly payload: ArrayBuffer;
}

export type WriterRequest = WriterGroup | 'close';

export type WriterReply =
  | { readonly kind: 'opened' }
  /** The database cannot be used; nothing was changed. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The group is on disk; for each load among it, in order, what was found. */
  | { readonly kind: 'durable'; readonly loaded: readonly RecoveredLog[] }
  /** The group is not on disk and the thread ends. */
  | { readonly kind: 'failed'; readonly reason: string };
