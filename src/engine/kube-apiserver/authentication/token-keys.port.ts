/** The key pair that signs a cluster's service-account tokens. Made by hosting when first asked for: entropy is its alone. */
export interface TokenKeys {
  /** Upstream's: the SHA-256 of the public key, in base64 for URLs. */
  readonly keyId: string;
  /** RSA modulus and exponent of the public key, as a JSON Web Key has them. */
  readonly publicKey: { readonly n: string; readonly e: string };
  /** RS256. */
  sign(message: Uint8Array): Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}
