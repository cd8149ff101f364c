import { timingSafeEqual } from 'node:crypto';
import { hashOf, looksLikeApiKey } from './api-key.js';
import type { ClusterTokens } from './cluster-tokens.js';
import type { Principal } from './principal.js';
import type { KeyRecords } from './tenants.port.js';

/** Tokens that were found good and are not looked up again; when there are more, all are looked up anew. */
const KNOWN_TOKENS_MAX = 10_000;
/** Longer ones are none of ours. */
const TOKEN_LENGTH_MAX = 4_096;
/** How every JSON Web Token begins whose header names this algorithm first; the server's own use another. */
const RS256_TOKEN = 'eyJhbGciOiJSUzI1NiI';
const ADMINISTRATOR: Principal = Object.freeze({ type: 'administrator' });

export interface AuthenticatorOptions {
  readonly adminToken: string;
  readonly keys: Pick<KeyRecords, 'findByHash'>;
  readonly clusterTokens: ClusterTokens;
}

/** Tells from a bearer token who sends a request. What is compared is SHA-256; what was accepted is remembered as it came. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #adminHash: Buffer;
  readonly #known = new Map<string, Principal>();
  /** What is open, by the keys that opened it: as much as there are connections. */
  readonly #open = new Map<string, Set<() => void>>();
  /** Raised whenever keys are withdrawn: a look-up that began before must not be remembered after. */
  #generation = 0;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#adminHash = Buffer.from(hashOf(options.adminToken));
  }

  /** Without waiting, for tokens that were accepted before. */
  recall(token: string): Principal | undefined {
    return this.#known.get(token);
  }

  /** Whether a token is none that this server gives out, at a glance: those of a cluster's service accounts are not. */
  isForeign(token: string): boolean {
    return token.startsWith(RS256_TOKEN) && token.length !== this.#options.adminToken.length;
  }

  /** `undefined` where the token is not accepted. */
  async authenticate(token: string): Promise<Principal | undefined> {
    if (token === '' || token.length > TOKEN_LENGTH_MAX) return undefined;
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const generation = this.#generation;
    const principal = await this.#lookUp(token, hashOf(token));
    if (principal !== undefined && generation === this.#generation) this.#remember(token, principal);
    return principal;
  }

  /** Keys were deleted: every token is looked up again, and what was opened with one that is no more is ended. */
  async forgetKnown(): Promise<void> {
    this.#generation++;
    this.#known.clear();
    for (const [token, ends] of [...this.#open]) {
      if ((await this.authenticate(token)) === undefined) for (const end of [...ends]) end();
    }
  }

  /** Calls `end` once the tenant's key is withdrawn. The answer takes that back, when what was opened is over. */
  whileGood(token: string, end: () => void): () => void {
    const ends = this.#open.get(token) ?? new Set();
    this.#open.set(token, ends.add(end));
    return () => {
      ends.delete(end);
      if (ends.size === 0) this.#open.delete(token);
    };
  }

  async #lookUp(token: string, hash: string): Promise<Principal | undefined> {
    if (timingSafeEqual(Buffer.from(hash), this.#adminHash)) return ADMINISTRATOR;
    if (looksLikeApiKey(token)) {
      const key = await this.#options.keys.findByHash(hash);
      return key === undefined ? undefined : { type: 'tenant', tenantId: key.tenantId };
    }
    return this.#options.clusterTokens.verify(token);
  }

  #remember(token: string, principal: Principal): void {
    if (this.#known.size >= KNOWN_TOKENS_MAX) this.#known.clear();
    this.#known.set(token, principal);
  }
}

/** The token of an `Authorization: Bearer …` header; empty where there is none. */
export function bearerToken(header: string | undefined): string {
  const match = /^bearer +(\S+) *$/i.exec(header ?? '');
  return match?.[1] ?? '';
}
