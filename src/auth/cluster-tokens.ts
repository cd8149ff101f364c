import { jwtVerify, SignJWT } from 'jose';

const ISSUER = 'flotilla';
/** Who the bearer is to the cluster. */
const SUBJECT = 'kubernetes-admin';
const ALGORITHM = 'HS256';

/** The tokens in kubeconfigs: JWTs that name one cluster by its id, so that they die with it. They do not expire. */
export class ClusterTokens {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(key);
  }

  /** The same for the same cluster. */
  issue({ id, createdAt }: { readonly id: string; readonly createdAt: number }): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(id)
      .setSubject(SUBJECT)
      .setIssuedAt(Math.floor(createdAt / 1_000))
      .sign(this.#key);
  }

  /** The id of the cluster that the token is for; `undefined` for any other text. */
  async verify(token: string): Promise<string | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key, { issuer: ISSUER, algorithms: [ALGORITHM] });
      return typeof payload.aud === 'string' ? payload.aud : undefined;
    } catch {
      // Whatever is wrong with a token, its bearer learns only that it is not accepted.
      return undefined;
    }
  }
}
