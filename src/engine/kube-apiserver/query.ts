/** The parameters of a query string, in order; a name may come several times. */
export class Query {
  static readonly empty = new Query('');
  readonly #values = new Map<string, string[]>();

  constructor(text: string) {
    if (text === '') return;
    for (const part of text.split('&')) {
      // Go takes a semicolon for a mistake and drops the whole part.
      if (part === '' || part.includes(';')) continue;
      const split = part.indexOf('=');
      const name = unescape(split < 0 ? part : part.slice(0, split));
      const value = split < 0 ? '' : unescape(part.slice(split + 1));
      if (name === undefined || value === undefined) continue;
      const known = this.#values.get(name);
      if (known === undefined) this.#values.set(name, [value]);
      else known.push(value);
    }
  }

  /** The first value; `undefined` where the parameter is absent. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** As upstream reads booleans: everything but a plain no, however capitalised, is yes. */
  flag(name: string): boolean {
    const text = this.get(name)?.toLowerCase();
    return text !== undefined && text !== 'false' && text !== '0';
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }
}

/** Undoes `+` and percent-encoding; `undefined` for a broken escape: Go drops such a parameter. */
function unescape(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return undefined;
  }
}
