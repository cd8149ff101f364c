import { assert } from '../../kernel/assert.js';
import { kinds } from '../../kinds/registry.js';
import type { OwnershipParts } from '../../kube-apiserver/ownership/ownership-parts.js';
import { BootstrapText } from '../../kube-apiserver/storage/bootstrap-object.js';
import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, keyOf } from '../../machinery/object.js';
import type { JsonValue } from '../../machinery/structure.js';
import type { BootstrapTemplate } from './fill.js';
import { bootstrapManagers } from './managers.js';
import { bootstrapObjects } from './objects.js';

export interface PreparedTemplate {
  readonly template: BootstrapTemplate;
  readonly storeKey: string;
  /** Of those without placeholders: most, which are alike in all clusters. */
  readonly shared: BootstrapText | undefined;
}

/** What every new cluster of a process holds, with its managers: made with the first cluster, for all of them. */
export class BootstrapTemplates {
  readonly #ownership: OwnershipParts;
  #all: readonly PreparedTemplate[] | undefined;

  /** `ownership` is that of the API servers: sets of fields are compared within one pool only. */
  constructor(ownership: OwnershipParts) {
    this.#ownership = ownership;
  }

  get all(): readonly PreparedTemplate[] {
    this.#all ??= bootstrapObjects.map((template) => this.#prepared(template));
    return this.#all;
  }

  #prepared(template: BootstrapTemplate): PreparedTemplate {
    const kind = kindOf(template);
    const managedFields = bootstrapManagers(this.#ownership, kind, template);
    const metadata = { ...template.metadata, managedFields: managedFields as readonly JsonValue[] };
    const managed: BootstrapTemplate = { ...template, metadata };
    return {
      template: managed,
      storeKey: `/registry/${kind.storagePrefix}/${keyOf(template)}`,
      shared: JSON.stringify(template).includes('"<') ? undefined : new BootstrapText(managed),
    };
  }
}

function kindOf({ apiVersion, kind }: BootstrapTemplate): Kind {
  const found = kinds.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  assert(found !== undefined, `no kind ${kind} in ${apiVersion}`);
  return found;
}
