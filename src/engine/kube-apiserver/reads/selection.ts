import type { FieldRequirements } from '../../machinery/field-selector.js';
import {
  exactFieldValue,
  fieldLabelNotSupported,
  matchesFields,
  unknownFieldSelector,
} from '../../machinery/field-selector.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Kind } from '../../machinery/kind.js';
import { type LabelRequirements, matches } from '../../machinery/label-selector.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import { badRequest, type StatusError } from '../../machinery/status-error.js';

const METADATA_FIELDS: readonly string[] = ['metadata.name', 'metadata.namespace'];

/** What a list or watch shows of a kind's objects. */
export class Selection {
  readonly #kind: Kind;
  readonly #labels: LabelRequirements;
  readonly #fields: FieldRequirements;
  /** Whether fields besides the name and namespace are asked for. */
  readonly #needsOwnFields: boolean;

  /** @throws StatusError 400 for a field that the kind does not select by. */
  constructor(kind: Kind, labels: LabelRequirements, fields: FieldRequirements) {
    checkFields(kind, fields);
    this.#kind = kind;
    this.#labels = labels;
    this.#fields = fields;
    this.#needsOwnFields = fields.some(({ field }) => !METADATA_FIELDS.includes(field));
  }

  /** Whether it shows everything: then no object need be looked at. */
  get isEverything(): boolean {
    return this.#labels.length === 0 && this.#fields.length === 0;
  }

  /** The only name that can be shown. */
  get name(): string | undefined {
    return exactFieldValue(this.#fields, 'metadata.name');
  }

  /** The only namespace that can be shown. */
  get namespace(): string | undefined {
    return exactFieldValue(this.#fields, 'metadata.namespace');
  }

  shows(object: KubeObject): boolean {
    if (this.#labels.length > 0 && !matches(this.#labels, object.metadata.labels ?? {})) return false;
    return this.#fields.length === 0 || matchesFields(this.#fields, this.#fieldsOf(object));
  }

  #fieldsOf(object: KubeObject): Readonly<Record<string, string>> {
    const { name, namespace = '' } = object.metadata;
    const metadata = { 'metadata.name': name, 'metadata.namespace': namespace };
    return this.#needsOwnFields ? { ...this.#kind.selectableFields?.(object), ...metadata } : metadata;
  }
}

function checkFields(kind: Kind, fields: FieldRequirements): void {
  if (fields.length === 0) return;
  const own = ownFieldsOf(kind);
  for (const { field } of fields) {
    if (own === undefined) {
      if (!METADATA_FIELDS.includes(field)) throw unknownFieldSelector(field);
    } else if (!own.includes(field) && !isMetadataField(kind, field)) throw notSupported(kind, field);
  }
}

/** Upstream's cluster-scoped kinds with fields of their own do not know `metadata.namespace`. */
const isMetadataField = ({ scope }: Kind, field: string): boolean =>
  field === 'metadata.name' || (field === 'metadata.namespace' && scope === 'Namespaced');

/** The fields that the kind adds: those that it names for an object of which nothing is set. */
function ownFieldsOf(kind: Kind): readonly string[] | undefined {
  if (kind.selectableFields === undefined) return undefined;
  return Object.keys(kind.selectableFields(hollow(kind)));
}

function hollow(kind: Kind): KubeObject {
  const empty = { spec: {}, status: {}, involvedObject: {}, regarding: {}, source: {} };
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: '' }, ...empty };
}

/** Two of upstream's groups have words of their own. */
function notSupported(kind: Kind, field: string): StatusError {
  if (kind.group === 'batch') return badRequest(`field label ${goQuote(field)} not supported for ${kind.kind}`);
  if (kind.group !== 'resource.k8s.io') return fieldLabelNotSupported(field);
  return badRequest(`field label not supported for ${apiVersionOf(kind)}, Kind=${kind.kind}: ${field}`);
}
