import type { Store } from '../../etcd/store.js';
import type { Simulation } from '../../kernel/simulation.js';
import { timestamp } from '../../kernel/clock.js';
import { kinds } from '../../kinds/registry.js';
import { KindTable } from '../../kube-apiserver/kind-registry.js';
import { OwnershipParts } from '../../kube-apiserver/ownership/ownership-parts.js';
import { BootstrapObject, BootstrapText } from '../../kube-apiserver/storage/bootstrap-object.js';
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
  for (const { template, storeKey, shared } of prepared) {
    const source = shared === undefined ? { template: fill(template, filling) } : { template, shared };
    const uid = simulation.random.uuid();
    store.put(storeKey, (revision) => {
      return new BootstrapObject(source, { uid, creationTimestamp, resourceVersion: String(revision) }, text);
    });
  }
}

interface PreparedTemplate {
  readonly template: BootstrapTemplate;
  readonly storeKey: string;
  /** Of those without placeholders: most, which are alike in all clusters. */
  readonly shared: BootstrapText | undefined;
}

const ownership = new OwnershipParts(new KindTable(kinds));
const prepared: readonly PreparedTemplate[] = bootstrapObjects.map((template) => {
  const kind = kindOf(template);
  const managedFields = bootstrapManagers(ownership, kind, template);
  const metadata = { ...template.metadata, managedFields: managedFields as readonly JsonValue[] };
  const managed: BootstrapTemplate = { ...template, metadata };
  return {
    template: managed,
    storeKey: `/registry/${kind.storagePrefix}/${keyOf(template)}`,
    shared: JSON.stringify(template).includes('"<') ? undefined : new BootstrapText(managed),
  };
});

function kindOf({ apiVersion, kind }: BootstrapTemplate): Kind {
  const found = kinds.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  assert(found !== undefined, `no kind ${kind} in ${apiVersion}`);
  return found;
}
