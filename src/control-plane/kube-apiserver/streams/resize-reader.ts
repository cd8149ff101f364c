/** What may gather without making up a size. */
const PENDING_LENGTH_MAX = 4_096;

/** Reads the sizes of a terminal, which come as JSON objects one after another: `{"Width":80,"Height":24}`. */
export class ResizeReader {
  readonly #resize: (width: number, height: number) => void;
  #pending = '';

  constructor(resize: (width: number, height: number) => void) {
    this.#resize = resize;
  }

  data(bytes: Uint8Array): void {
    this.#pending += Buffer.from(bytes).toString();
    let end = this.#pending.indexOf('}');
    for (; end >= 0; end = this.#pending.indexOf('}')) {
      const text = this.#pending.slice(0, end);
      this.#pending = this.#pending.slice(end + 1);
      const [width, height] = [/"width"\s*:\s*(\d+)/i, /"height"\s*:\s*(\d+)/i].map((each) => each.exec(text)?.[1]);
      if (width !== undefined && height !== undefined) this.#resize(Number(width), Number(height));
    }
    if (this.#pending.length > PENDING_LENGTH_MAX) this.#pending = '';
  }
}
