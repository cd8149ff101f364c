import type { Store } from '../../etcd/store.js';
import type { Simulation } from '../../kernel/simulation.js';
import { timestamp } from '../../kernel/clock.js';
import { BootstrapObject } from '../../kube-apiserver/storage/bootstrap-object.js';
import type { StoredObject } from '../../kube-apiserver/storage/stored-object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { BootstrapTemplates } from './bootstrap-templates.js';
import { fill, type BootstrapValues } from './fill.js';

export interface BootstrapOptions extends Omit<BootstrapValues, 'now'> {
  readonly store: Store<StoredObject>;
  readonly simulation: Simulation;
  readonly text: TextCodec;
  readonly templates: BootstrapTemplates;
}

/** Fills an empty store with what a new API server and its controllers write first. */
export function writeBootstrapObjects({ store, simulation, text, templates, ...values }: BootstrapOptions): void {
  const creationTimestamp = timestamp(simulation.now);
  const filling = { ...values, now: simulation.now };
  for (const { template, storeKey, shared } of templates.all) {
    const source = shared === undefined ? { template: fill(template, filling) } : { template, shared };
    const uid = simulation.random.uuid();
    store.put(storeKey, (revision) => {
      return new BootstrapObject(source, { uid, creationTimestamp, resourceVersion: String(revision) }, text);
    });
  }
}
