import type { Store } from '../../etcd/store.js';
import type { Simulation } from '../../kernel/simulation.js';
import { timestamp } from '../../kernel/clock.js';
import { kinds } from '../../kinds/registry.js';
import { KindTable } from '../../kube-apiserver/kind-registry.js';
import { OwnershipParts } from '../../kube-apiserver/ownership/ownership-parts.js';
import { BootstrapObject } from '../../kube-apiserver/storage/bootstrap-object.js';
import type { StoredObject } from '../../kube-apiserver/storage/stored-object.js';
import { assert } from '../../kernel/assert.js';
import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, keyOf } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { JsonValue } from '../../machinery/structure.js';
import { bootstrapManagers } from './managers.js';
import { fill, type BootstrapTemplate, type BootstrapValues } from './fill.js';
import { bootstrapObjects } from './objects.js';

export interface BootstrapOptions extends Omit<BootstrapValues, 'now'> {
  readonly store: Store<StoredObject>;
  readonly simulation: Simulation;
  readonly text: TextCodec;
}

/** Fills an empty store with what a new API server and its controllers write first. The templates stay shared by all clusters. */
export function writeBootstrapObjects({ store, simulation, text, ...values }: BootstrapOptions): void {
  const creationTimestamp = timestamp(simulation.now);
  const filling = { ...values, now: simulation.now };
  for (const { template, storeKey, hasPlaceholders } of prepared) {
    const object = hasPlaceholders ? fill(template, filling) : template;
    const uid = simulation.random.uuid();
    store.put(storeKey, (revision) => {
      return new BootstrapObject(object, { uid, creationTimestamp, resourceVersion: String(revision) }, text);
    });
  }
}

interface PreparedTemplate {
  readonly template: BootstrapTemplate;
  readonly storeKey: string;
  /** Most have none, and are not searched for them again with every cluster. */
  readonly hasPlaceholders: boolean;
}

const ownership = new OwnershipParts(new KindTable(kinds));
const prepared: readonly PreparedTemplate[] = bootstrapObjects.map((template) => {
  const kind = kindOf(template);
  const managedFields = bootstrapManagers(ownership, kind, template);
  return {
    template: { ...template, metadata: { ...template.metadata, managedFields: managedFields as readonly JsonValue[] } },
    storeKey: `/registry/${kind.storagePrefix}/${keyOf(template)}`,
    hasPlaceholders: JSON.stringify(template).includes('"<'),
  };
});

function kindOf({ apiVersion, kind }: BootstrapTemplate): Kind {
  const found = kinds.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  assert(found !== undefined, `no kind ${kind} in ${apiVersion}`);
  return found;
}
