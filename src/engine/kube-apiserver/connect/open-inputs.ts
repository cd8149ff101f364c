interface Cancellable {
  cancel(): void;
}

/** What one client has open at a time: it ends with the client. */
export class OpenInputs {
  readonly #inputs = new Set<Cancellable>();
  #isCancelled = false;

  /** Opens something. `open` is given what its end must go through; it may come before it returns. */
  keep<Input extends Cancellable>(open: (ended: (tell: () => void) => void) => Input): Input {
    const state: { isOver: boolean; input?: Input } = { isOver: false };
    const input = open((tell) => {
      if (state.isOver) return;
      state.isOver = true;
      if (state.input !== undefined) this.#inputs.delete(state.input);
      if (!this.#isCancelled) tell();
    });
    state.input = input;
    if (this.#isCancelled) input.cancel();
    else if (!state.isOver) this.#inputs.add(input);
    return input;
  }

  cancel(): void {
    this.#isCancelled = true;
    const inputs = Array.from(this.#inputs);
    this.#inputs.clear();
    for (const input of inputs) input.cancel();
  }
}
