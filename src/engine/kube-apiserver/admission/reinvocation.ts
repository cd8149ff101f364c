/** What one request remembers of mutating plugins that may have to look again, because later ones changed the object. */
export class Reinvocation {
  /** Webhooks that were called and would be called again. */
  readonly #called = new Set<string>();
  readonly #due = new Set<string>();
  #isAgain = false;
  #isWanted = false;
  /** The object as the last webhook left it, as JSON. */
  #lastOutput: string | undefined;

  /** Whether this is the second round, which is the last. */
  get isAgain(): boolean {
    return this.#isAgain;
  }

  get isWanted(): boolean {
    return this.#isWanted && !this.#isAgain;
  }

  beginAgain(): void {
    this.#isAgain = true;
  }

  isDue(hook: string): boolean {
    return this.#due.has(hook);
  }

  called(hook: string): void {
    this.#called.add(hook);
  }

  /** The object is another one than those called so far have seen. */
  changed(): void {
    for (const hook of this.#called) this.#due.add(hook);
    this.#called.clear();
    this.#isWanted = true;
  }

  /** Between the rounds plugins may have changed what the webhooks left. */
  compare(object: unknown): void {
    if (this.#lastOutput !== undefined && this.#lastOutput !== JSON.stringify(object)) this.changed();
  }

  left(object: unknown): void {
    this.#lastOutput = JSON.stringify(object);
  }
}
