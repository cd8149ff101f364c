/** UTF-8 both ways. A port, because the engine knows no platform: hosting gives Node's. */
export interface TextCodec {
  encode(text: string): Uint8Array;
  /** Malformed bytes become U+FFFD. */
  decode(bytes: Uint8Array): string;
}
