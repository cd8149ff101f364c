/** UTF-8 both ways. A port, because the engine knows no platform: hosting gives Node's. */
export interface TextCodec {
  encode(text: string): Uint8Array;
  /** The same of texts one after another, where that costs less than to join them first. No text ends within a character. */
  encodeAll?(texts: readonly string[]): Uint8Array;
  /** Malformed bytes become U+FFFD. */
  decode(bytes: Uint8Array): string;
}
