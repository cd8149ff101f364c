/** Where a value keeps its text; not enumerable, so that it is no part of the data, and no copy has it. */
const TEXT = Symbol('JSON text');

/** A text in parts, with the same one between all of them. */
export interface KnownText {
  readonly parts: readonly string[];
  readonly between: string;
}

/** Notes the JSON of a value that nobody changes, for whoever encodes what holds it; not of one that is frozen already. */
export function noteText(value: object, text: KnownText): void {
  if (Object.isExtensible(value)) Object.defineProperty(value, TEXT, { value: text, configurable: true });
}

export const knownTextOf = (value: object): KnownText | undefined => (value as { readonly [TEXT]?: KnownText })[TEXT];
