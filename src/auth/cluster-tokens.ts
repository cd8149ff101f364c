import { createHmac, timingSafeEqual } from 'node:crypto';
import { jwtVerify, SignJWT, type JWTPayload } from 'jose';
import type { ClusterUser, Principal } from './principal.js';

const ISSUER = 'flotilla';
/** Who the bearer of an administrator's token is to the cluster. */
const SUBJECT = 'kubernetes-admin';
const ALGORITHM = 'HS256';
/** Only in the tokens of users: whose it is, beside the subject. */
const GROUPS_CLAIM = 'groups';
const UID_CLAIM = 'uid';

/** The tokens in kubeconfigs: JWTs that name one cluster by its id, so that they die with it. They do not expire. */
export class ClusterTokens {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(key);
  }

  /** Of the cluster's administrator, unless for a user; the same for the same cluster and user. */
  issue({ id, createdAt }: { readonly id: string; readonly createdAt: number }, user?: ClusterUser): Promise<string> {
    const { groups, uid } = user ?? {};
    return new SignJWT({
      ...(groups === undefined ? {} : { [GROUPS_CLAIM]: groups }),
      ...(uid === undefined ? {} : { [UID_CLAIM]: uid }),
    })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(id)
      .setSubject(user?.username ?? SUBJECT)
      .setIssuedAt(Math.floor(createdAt / 1_000))
      .sign(this.#key);
  }

  /** The same as `verify` without waiting, for whoever cannot. */
  read(token: string): Principal | undefined {
    const [header = '', claims = '', signature = '', ...rest] = token.split('.');
    if (signature === '' || rest.length > 0) return undefined;
    const expected = createHmac('sha256', this.#key).update(`${header}.${claims}`).digest();
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    // Signed by this server, which writes JSON.
    const { alg } = jsonIn(header);
    const payload: JWTPayload = jsonIn(claims);
    return alg === ALGORITHM && payload.iss === ISSUER ? principalOf(payload) : undefined;
  }

  /** The cluster that the token is for, and who its bearer is to it; `undefined` for any other text. */
  async verify(token: string): Promise<Principal | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key, { issuer: ISSUER, algorithms: [ALGORITHM] });
      return principalOf(payload);
    } catch {
      // Whatever is wrong with a token, its bearer learns only that it is not accepted.
      return undefined;
    }
  }
}

const jsonIn = (part: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Readonly<Record<string, unknown>>;

/** A user's token names groups, be it none: an administrator's does not. */
function principalOf({ aud, sub, ...claims }: JWTPayload): Principal | undefined {
  if (typeof aud !== 'string') return undefined;
  const groups = claims[GROUPS_CLAIM];
  const uid = claims[UID_CLAIM];
  if (groups === undefined) return { type: 'cluster', clusterId: aud };
  if (!Array.isArray(groups) || sub === undefined) return undefined;
  const user = { username: sub, groups: groups.map(String), ...(typeof uid === 'string' ? { uid } : {}) };
  return { type: 'user', clusterId: aud, user };
}
