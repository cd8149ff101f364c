import type { KubeObject } from '../../machinery/object.js';
import type { Conversions } from '../custom-resources/conversions.js';
import type { ResourceStorage } from '../storage/resource-storage.js';
import { attempt, type Settle } from './settled.js';
import type { WriteScope, Written } from './write-scope.js';

interface ConvertedWrite {
  readonly scope: WriteScope;
  readonly object: KubeObject;
  /** Stores the object, in the version that is given where there is one; `undefined` when it has moved on meanwhile. */
  store(stored: KubeObject | undefined): Written | undefined;
  /** Makes the write anew. */
  again(): void;
}

/**
 * Finishes a write: an object whose stored version only a webhook can make is converted before, and what was stored is shown
 * as the webhook makes it of that, as upstream does it. Where the way back fails the object is stored all the same.
 */
export function writeConverted(
  { conversions, storage }: { readonly conversions: Conversions; readonly storage: ResourceStorage },
  { scope: { kind, isDryRun }, object, store, again }: ConvertedWrite,
  settle: Settle<Written>,
): void {
  const finish = (stored: KubeObject | undefined, once: Settle<Written>): void => {
    const written = store(stored);
    if (written === undefined) return again();
    const { entry } = written;
    if (stored === undefined) return once({ value: written });
    if (entry !== undefined) {
      return conversions.whenReady(
        kind,
        () => [entry],
        once,
        (shown) => {
          const now = storage.reread(kind, entry);
          shown({ value: { ...written, object: now.object, entry: now } });
        },
      );
    }
    if (!isDryRun) return once({ value: written });
    conversions.to(kind, stored, ({ value, error }) =>
      once(error === undefined ? { value: { ...written, object: value } } : { error }),
    );
  };
  conversions.toStored(kind, object, ({ value, error }) => {
    if (error !== undefined) settle({ error });
    else if (value === undefined) finish(undefined, settle);
    else attempt(settle, (once) => finish(value, once));
  });
}
