/** The objects of a request in the versions that rules name, where a webhook makes one version of another. */
import type { Kind } from '../../../machinery/kind.js';
import type { KubeObject } from '../../../machinery/object.js';
import { internalError } from '../../../machinery/status-error.js';
import type { Conversions } from '../../custom-resources/conversions.js';
import type { AdmissionAttributes, PendingAdmission } from '../admission.js';

/** Conversions of one pass over the plugins. A version that is missing here is one that needs nobody outside. */
export class ObjectForms {
  readonly #made = new Map<KubeObject, Map<Kind, KubeObject>>();

  get(object: KubeObject, form: Kind): KubeObject | undefined {
    return this.#made.get(object)?.get(form);
  }

  note(object: KubeObject, form: Kind, made: KubeObject): void {
    const forms = this.#made.get(object) ?? new Map<Kind, KubeObject>();
    this.#made.set(object, forms.set(form, made));
  }

  /** To be called when an object was written to. */
  forget(object: KubeObject): void {
    this.#made.delete(object);
  }
}

/** Whether somebody outside makes the other versions of what the request is about. */
export const isConvertedOutside = ({ kind, body }: AdmissionAttributes): boolean =>
  kind.custom?.converter !== undefined && body === undefined;

/** What has to be asked outside before the request can be looked at in these versions; `undefined` for nothing. */
export function pendingForms(
  attributes: AdmissionAttributes,
  wanted: readonly Kind[],
  conversions: Conversions,
): PendingAdmission | undefined {
  const { kind, object, old, forms } = attributes;
  if (forms === undefined || !isConvertedOutside(attributes)) return undefined;
  const objects = [object as KubeObject | undefined, old].filter((each) => each !== undefined);
  const missing = wanted
    .filter((form) => form !== kind)
    .flatMap((form) => objects.map((each) => ({ each, form })))
    .find(({ each, form }) => forms.get(each, form) === undefined);
  if (missing === undefined) return undefined;
  const { each, form } = missing;
  return {
    settled(resume) {
      conversions.to(form, each, ({ value, error }) => {
        if (error !== undefined) return resume(internalError(error.message));
        forms.note(each, form, value);
        const rest = pendingForms(attributes, wanted, conversions);
        if (rest === undefined) resume();
        else rest.settled(resume);
      });
    },
  };
}
