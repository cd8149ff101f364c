import type { Simulation } from '../../kernel/simulation.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import { unauthorized } from '../../machinery/status-error.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { UserInfo } from '../../machinery/user.js';
import { AccountAuthenticator } from './account-authenticator.js';
import { AccountTokens, ISSUER } from './account-tokens.js';
import { authenticateBootstrapToken, bootstrapGrounds } from './bootstrap-authenticator.js';
import type { HostTokens } from './host-tokens.port.js';
import type { LegacyTokenUse } from './legacy-token-use.js';
import type { TokenGrounds } from './token-grounds.js';
import type { TokenKeys } from './token-keys.port.js';
import type { TokenVerdict } from './token-verdict.js';
import { ALL_AUTHENTICATED } from './users.js';

const NO_GROUNDS: TokenGrounds = Object.freeze({ objects: [], end: undefined });
const INVALID = 'invalid bearer token';

export interface ClusterAuthenticationOptions {
  readonly reader: ResourceReader;
  readonly simulation: Simulation;
  readonly text: TextCodec;
  /** Without them no service account has tokens. */
  readonly keys: TokenKeys | undefined;
  readonly legacyUse: LegacyTokenUse;
  /** What hosting lets in before the cluster is asked; a review is told of it all the same. */
  readonly hostTokens?: HostTokens | undefined;
}

/** Who else hears of a token that lets somebody in. */
interface TokenTelling {
  warn(text: string): void;
  annotate(annotations: Readonly<Record<string, string>>): void;
}

/** Who the bearers of a cluster's own tokens are. */
export class ClusterAuthentication {
  /** Issues tokens, where the cluster can sign. */
  readonly accountTokens: AccountTokens | undefined;
  readonly keys: TokenKeys | undefined;
  readonly #options: ClusterAuthenticationOptions;
  readonly #accounts: AccountAuthenticator | undefined;

  constructor(options: ClusterAuthenticationOptions) {
    const { keys } = options;
    this.#options = options;
    this.keys = keys;
    this.accountTokens = keys === undefined ? undefined : new AccountTokens({ ...options, keys });
    this.#accounts = keys === undefined ? undefined : new AccountAuthenticator({ ...options, keys });
  }

  /** The audiences of the API server itself. */
  get audiences(): readonly string[] {
    return [ISSUER];
  }

  /** @throws StatusError 401 */
  userOf(token: string, telling: Partial<TokenTelling> = {}): UserInfo {
    const verdict = this.#judge(token, this.audiences);
    if (verdict.user === undefined) throw unauthorized();
    if (verdict.warning !== undefined) telling.warn?.(verdict.warning);
    if (verdict.annotations !== undefined) telling.annotate?.(verdict.annotations);
    return verdict.user;
  }

  /** What must go on being so for a token to stay good. */
  restsOn(token: string): TokenGrounds {
    const { reader, text } = this.#options;
    return bootstrapGrounds({ reader, text }, token) ?? this.#accounts?.restsOn(token) ?? NO_GROUNDS;
  }

  /** The fault reads as upstream's, which a review tells. */
  review(token: string, audiences: readonly string[]): TokenVerdict {
    const user = audiences.includes(ISSUER) ? this.#options.hostTokens?.userOf(token) : undefined;
    if (user !== undefined) return { user, audiences: [ISSUER] };
    const verdict = this.#judge(token, audiences);
    if (verdict.user !== undefined) return verdict;
    return { fault: verdict.fault === '' ? INVALID : `[${INVALID}, ${verdict.fault}]` };
  }

  #judge(token: string, audiences: readonly string[]): TokenVerdict {
    const { reader, text, simulation } = this.#options;
    const now = () => simulation.now;
    const bootstrap = authenticateBootstrapToken({ reader, text, now }, token, audiences);
    const verdict = bootstrap.user !== undefined ? bootstrap : this.#accounts?.authenticate(token, audiences);
    if (verdict?.user === undefined) return verdict ?? bootstrap;
    const { user } = verdict;
    return { ...verdict, user: { ...user, groups: [...user.groups, ALL_AUTHENTICATED] } };
  }
}
