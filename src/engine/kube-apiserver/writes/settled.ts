import { EtcdError } from '../../etcd/errors.js';
import { StatusError, unknownError } from '../../machinery/status-error.js';

export type Settlement<T> =
  { readonly value: T; readonly error?: never } | { readonly error: StatusError; readonly value?: never };

/** Called once with what became of a write: at once, or later where admission had to wait. */
export type Settle<T> = (settlement: Settlement<T>) => void;

/** Runs a step of a write. An expected failure settles it, etcd's own words as a 500, unless it was settled already: then the failure is the receiver's own. */
export function attempt<T>(settle: Settle<T>, run: (settle: Settle<T>) => void): void {
  let isSettled = false;
  const once: Settle<T> = (settlement) => {
    isSettled = true;
    settle(settlement);
  };
  try {
    run(once);
  } catch (error) {
    if (isSettled) throw error;
    if (error instanceof StatusError) settle({ error });
    else if (error instanceof EtcdError) settle({ error: unknownError(error.message) });
    else throw error;
  }
}
