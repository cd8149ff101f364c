/** Tokens of service accounts. Mirrors `pkg/serviceaccount`: bound tokens with an end, and those that live in Secrets. */
import { instant, type Instant } from '../../kernel/clock.js';
import type { Simulation } from '../../kernel/simulation.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { signedToken } from './json-web-token.js';
import type { TokenKeys } from './token-keys.port.js';
import { accountUsername } from './users.js';

/** The default of `--service-account-issuer` as kubeadm sets it, and so of the audiences. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
export const LEGACY_ISSUER = 'kubernetes/serviceaccount';
export const LEGACY_CLAIM = 'kubernetes.io/serviceaccount/';
const SECOND_MS = 1_000;

type Named = Pick<ObjectMeta, 'name' | 'namespace' | 'uid'>;

/** What a token dies with. A pod's token names the pod's node as well. */
export interface BoundTo {
  readonly pod?: Named | undefined;
  readonly node?: Named | undefined;
  readonly secret?: Named | undefined;
}

export interface AccountTokenRequest {
  readonly account: Named;
  readonly audiences: readonly string[];
  readonly lifetimeSeconds: number;
  /** When a token that lives longer than was asked for should have been renewed. */
  readonly warnAfterSeconds?: number | undefined;
  readonly boundTo: BoundTo;
}

export interface IssuedToken {
  readonly token: string;
  /** By which its requests are known again. */
  readonly credentialID: string;
}

export interface AccountTokensOptions {
  readonly keys: TokenKeys;
  readonly text: TextCodec;
  readonly simulation: Simulation;
}

/** Issues the tokens of one cluster. */
export class AccountTokens {
  readonly #options: AccountTokensOptions;

  constructor(options: AccountTokensOptions) {
    this.#options = options;
  }

  issue({ account, audiences, lifetimeSeconds, warnAfterSeconds, boundTo }: AccountTokenRequest): IssuedToken {
    const { keys, text, simulation } = this.#options;
    const now = secondsOf(simulation.now);
    const { namespace = '', name } = account;
    const { node, pod, secret } = boundTo;
    const id = simulation.random.uuid();
    const claims = {
      aud: audiences,
      exp: now + lifetimeSeconds,
      iat: now,
      iss: ISSUER,
      jti: id,
      'kubernetes.io': {
        namespace,
        ...(node === undefined ? {} : { node: reference(node) }),
        ...(pod === undefined ? {} : { pod: reference(pod) }),
        ...(secret === undefined ? {} : { secret: reference(secret) }),
        serviceaccount: reference(account),
        ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }),
      },
      nbf: now,
      sub: accountUsername(namespace, name),
    };
    return { token: signedToken(claims, keys, text), credentialID: `JTI=${id}` };
  }

  /** For a Secret of type `kubernetes.io/service-account-token`: it has no end. */
  issueLegacy({ namespace = '', name, uid }: Named, secretName: string): string {
    const claims = {
      iss: LEGACY_ISSUER,
      [`${LEGACY_CLAIM}namespace`]: namespace,
      [`${LEGACY_CLAIM}secret.name`]: secretName,
      [`${LEGACY_CLAIM}service-account.name`]: name,
      [`${LEGACY_CLAIM}service-account.uid`]: uid ?? '',
      sub: accountUsername(namespace, name),
    };
    return signedToken(claims, this.#options.keys, this.#options.text);
  }
}

const reference = ({ name, uid }: Named): object => (uid === undefined || uid === '' ? { name } : { name, uid });

export const secondsOf = (at: Instant): number => Math.floor(at / SECOND_MS);
export const instantOfSeconds = (seconds: number): Instant => instant(seconds * SECOND_MS);
