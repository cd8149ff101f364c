import type { Instant } from '../../kernel/clock.js';
import type { Kind } from '../../machinery/kind.js';

/** What a token's being good depends on. */
export interface TokenGrounds {
  readonly objects: readonly {
    readonly kind: Kind;
    readonly namespace: string | undefined;
    /** Within the whole cluster: `namespace/name`, or the name. */
    readonly key: string;
  }[];
  /** The last instant at which it is good; `undefined` for one that does not end by itself. */
  readonly end: Instant | undefined;
}
