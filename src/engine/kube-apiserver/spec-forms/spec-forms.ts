import type { Kind } from '../../machinery/kind.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import type { JsonObject } from '../../machinery/structure.js';
import { SpecForm } from './spec-form.js';

/** Likenesses that are kept, the latest ones, and forms of each: with what a form may hold, a bound for all clusters together. */
const LIKENESSES_MAX = 64;
const LIKENESS_CHARACTERS_MAX = 1_024;
const FORMS_MAX = 4;

/** What was found out about a form. */
interface Judged {
  readonly form: SpecForm;
  /** What the rules warned of. */
  readonly warnings: readonly string[];
}

/** An object with a spec. */
type WithSpec = Draft<KubeObject> & { spec?: JsonObject };

/**
 * Remembers specs that were found valid. Whoever makes many objects makes them alike: replicas of one template differ by
 * names. The later ones are not judged again, and hold the parts of the first one, so that they cost neither memory nor
 * encoding. Only specs whose likeness came twice are kept.
 */
export class SpecForms {
  /** In the order of their last use. */
  readonly #known = new Map<string, readonly Judged[]>();

  /** For a draft that is like a valid one what was said of that, giving the draft its parts; `undefined` for another. */
  recall(kind: Kind, draft: Draft<KubeObject>): Pick<Judged, 'warnings'> | undefined {
    const { alikeSpecs } = kind;
    const { spec } = draft as WithSpec;
    if (alikeSpecs === undefined || spec === undefined) return undefined;
    const likeness = alikeSpecs.likenessOf(draft);
    const judged = likeness === undefined ? undefined : this.#known.get(likeness);
    if (judged === undefined || judged.length === 0) return undefined;
    const drawn = alikeSpecs.drawnIn(draft);
    for (const each of judged) {
      const shared = each.form.shared(spec, drawn);
      if (shared === undefined) continue;
      (draft as WithSpec).spec = shared;
      return each;
    }
    return undefined;
  }

  /** Takes note of a valid draft, whose spec may be shared from now on: nobody may write into its parts. */
  note(kind: Kind, draft: Draft<KubeObject>, warnings: readonly string[]): void {
    const { alikeSpecs } = kind;
    const { spec } = draft as WithSpec;
    if (alikeSpecs === undefined || spec === undefined) return;
    const likeness = alikeSpecs.likenessOf(draft);
    if (likeness === undefined || likeness.length > LIKENESS_CHARACTERS_MAX) return;
    const judged = this.#known.get(likeness);
    this.#known.delete(likeness);
    if (this.#known.size >= LIKENESSES_MAX)
      for (const oldest of this.#known.keys()) if (this.#known.delete(oldest)) break;
    if (judged === undefined) return void this.#known.set(likeness, []);
    const form = SpecForm.of(spec, alikeSpecs.drawnIn(draft));
    this.#known.set(likeness, form === undefined ? judged : [{ form, warnings }, ...judged.slice(0, FORMS_MAX - 1)]);
  }
}
