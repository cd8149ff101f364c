/** What OpenAPI documents are made with besides the kinds; the same for all clusters of a process. */
export interface DocumentSupplies {
  /** What a type is for, by its definition's name, `io.k8s.api.core.v1.Pod`; `undefined` where nothing is known of it. */
  describe(definitionName: string): TypeDescription | undefined;
  /** As gzip. A document is compressed once and handed out many times. */
  compress(bytes: Uint8Array): Uint8Array;
  /** Of a document's content, in hexadecimal capitals: upstream's SHA-512. */
  hash(bytes: Uint8Array): string;
}

export interface TypeDescription {
  readonly description?: string;
  /** By the field's name in JSON. */
  readonly fields: Readonly<Record<string, string>>;
}
