import type { Draft, KubeObject } from '../../machinery/object.js';
import { deepClone } from '../../machinery/structure.js';

interface WithSpec extends KubeObject {
  readonly spec: object;
}

/** A status update of most workload kinds may change everything but the spec. */
export function keepSpec<T extends WithSpec>(draft: Draft<T>, old: T): void {
  (draft as { spec: unknown }).spec = deepClone(old.spec);
}
