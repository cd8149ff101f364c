import { invalid, type FieldError } from '../field-error.js';

/** One thing that is wrong with a value. Where the text is the same, so is the finding. */
export interface Finding {
  readonly text: string;
  readonly error: FieldError;
}

/** How upstream prints the path of an error about no field. */
export const NO_PATH = '<nil>';

/** More are not told: a body of 3 MiB has room for a million faults. */
const FINDINGS_MAX = 10_000;

/** What checking one value came to. Of several alternatives that all fail, upstream tells of the one with the most matches. */
export class Findings {
  readonly #found: Finding[] = [];
  readonly #texts = new Set<string>();
  #matches = 0;

  get all(): readonly Finding[] {
    return this.#found;
  }

  get isValid(): boolean {
    return this.#found.length === 0;
  }

  get matches(): number {
    return this.#matches;
  }

  add(text: string, error: FieldError): void {
    if (this.#found.length >= FINDINGS_MAX || this.#texts.has(text)) return;
    this.#texts.add(text);
    this.#found.push({ text, error });
  }

  /** About the value as a whole: upstream loses the path on the way. */
  addGeneral(text: string, path = NO_PATH): void {
    this.add(text, invalid(path, '', text));
  }

  match(): void {
    this.#matches++;
  }

  merge(other: Findings): void {
    for (const { text, error } of other.all) this.add(text, error);
    this.#matches += other.matches;
  }

  /** Counts what matched and leaves out what did not. */
  mergeMatches(other: Findings): void {
    this.#matches += other.matches;
  }
}
