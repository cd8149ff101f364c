/** Whose a service-account token is. Mirrors `pkg/serviceaccount` (`jwt.go`, `claims.go`, `legacy.go`). */
import { parseTimestamp, type Instant } from '../../kernel/clock.js';
import type { Simulation } from '../../kernel/simulation.js';
import { node as nodeKind } from '../../kinds/node.js';
import { pod as podKind } from '../../kinds/pod.js';
import { secret as secretKind } from '../../kinds/secret.js';
import { serviceAccount } from '../../kinds/service-account.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { UserInfo } from '../../machinery/user.js';
import { instantOfSeconds, ISSUER, LEGACY_CLAIM, LEGACY_ISSUER, secondsOf } from './account-tokens.js';
import { parseToken, signatureFault, type Claims } from './json-web-token.js';
import type { LegacyTokenUse } from './legacy-token-use.js';
import { secretText } from './secret-text.js';
import type { TokenGrounds } from './token-grounds.js';
import type { TokenKeys } from './token-keys.port.js';
import type { TokenVerdict } from './token-verdict.js';
import { accountGroups, accountUsername } from './users.js';

/** Tokens whose signature was found good; when there are more, all are checked anew. */
const VERIFIED_TOKENS_MAX = 1_000;
/** How far a token's times may be off, and how long what was deleted still counts: go-jose's leeway. */
const LEEWAY_MS = 60_000;
const INVALID_SINCE_LABEL = 'kubernetes.io/legacy-token-invalid-since';
const EXTRA = 'authentication.kubernetes.io/';
const GENERATED =
  'Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.';
const NOTED = 'authentication.k8s.io/';
const INVALIDATED = 'service account token has been invalidated';

interface Reference {
  readonly name: string;
  readonly uid: string;
}

/** Of a token whose signature is good. */
interface VerifiedToken {
  readonly claims: Claims;
  readonly audiences: readonly string[];
}

interface Bearer {
  readonly user: UserInfo;
  readonly warning?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface AccountAuthenticatorOptions {
  readonly keys: TokenKeys;
  readonly text: TextCodec;
  readonly simulation: Simulation;
  readonly reader: ResourceReader;
  /** Told of every lasting token that lets somebody in, or would but for its mark. */
  readonly legacyUse: Pick<LegacyTokenUse, 'note'>;
}

/**
 * The signature of a token is checked once, everything that can change with every request: its times, its account and
 * what it is bound to.
 */
export class AccountAuthenticator {
  readonly #options: AccountAuthenticatorOptions;
  readonly #verified = new Map<string, VerifiedToken>();

  constructor(options: AccountAuthenticatorOptions) {
    this.#options = options;
  }

  authenticate(token: string, wanted: readonly string[]): TokenVerdict {
    const verified = this.#verified.get(token) ?? this.#verify(token);
    if ('fault' in verified) return verified;
    const { claims } = verified;
    const isLegacy = claims['iss'] === LEGACY_ISSUER;
    const given = verified.audiences.length === 0 ? [ISSUER] : verified.audiences;
    const audiences = given.filter((each) => wanted.includes(each));
    if (audiences.length === 0) {
      return { fault: `token audiences ${listText(given)} is invalid for the target audiences ${listText(wanted)}` };
    }
    const found = isLegacy ? this.#legacy(token, claims) : this.#bound(claims);
    return 'fault' in found ? found : { ...found, audiences };
  }

  /** Of a token that was found good before. */
  restsOn(token: string): TokenGrounds {
    const verified = this.#verified.get(token) ?? this.#verify(token);
    const claims = 'fault' in verified ? {} : verified.claims;
    const isLegacy = claims['iss'] === LEGACY_ISSUER;
    const own = recordOf(claims['kubernetes.io']);
    const legacy = (name: string): string => textOf(claims[`${LEGACY_CLAIM}${name}`]);
    const namespace = isLegacy ? legacy('namespace') : textOf(own['namespace']);
    const account = isLegacy ? legacy('service-account.name') : referenceOf(own['serviceaccount'])?.name;
    const secret = isLegacy ? legacy('secret.name') : referenceOf(own['secret'])?.name;
    const pod = referenceOf(own['pod'])?.name;
    const node = pod === undefined ? referenceOf(own['node'])?.name : undefined;
    const named = (kind: Kind, name: string | undefined) =>
      name === undefined ? [] : [{ kind, namespace, key: `${namespace}/${name}` }];
    const { exp } = claims;
    return {
      objects: [
        ...named(serviceAccount, account),
        ...named(secretKind, secret),
        ...named(podKind, pod),
        ...(node === undefined ? [] : [{ kind: nodeKind, namespace: undefined, key: node }]),
      ],
      end: typeof exp === 'number' ? ((instantOfSeconds(exp) + LEEWAY_MS) as Instant) : undefined,
    };
  }

  #verify(token: string): VerifiedToken | { readonly fault: string } {
    const { keys, text } = this.#options;
    const parsed = parseToken(token, text);
    const issuer = parsed?.claims['iss'];
    if (parsed === undefined || (issuer !== ISSUER && issuer !== LEGACY_ISSUER)) return { fault: '' };
    const fault = signatureFault(parsed, keys);
    if (fault !== undefined) return { fault };
    if (this.#verified.size >= VERIFIED_TOKENS_MAX) this.#verified.clear();
    const verified = { claims: parsed.claims, audiences: textsOf(parsed.claims['aud']) };
    this.#verified.set(token, verified);
    return verified;
  }

  #bound(claims: Claims): Bearer | { readonly fault: string } {
    const fault = timeFault(claims, this.#options.simulation.now);
    if (fault !== undefined) return { fault };
    const own = recordOf(claims['kubernetes.io']);
    const namespace = textOf(own['namespace']);
    const account = referenceOf(own['serviceaccount']) ?? { name: '', uid: '' };
    const accountFault = this.#accountFault(namespace, account);
    if (accountFault !== undefined) return { fault: accountFault };
    const pod = referenceOf(own['pod']);
    const node = referenceOf(own['node']);
    const bindingFault =
      this.#bindingFault('secret', namespace, referenceOf(own['secret'])) ??
      this.#bindingFault('pod', namespace, pod) ??
      (pod === undefined ? this.#bindingFault('node', '', node) : undefined);
    if (bindingFault !== undefined) return { fault: bindingFault };
    const id = textOf(claims['jti']);
    const extra = {
      ...(id === '' ? {} : { [`${EXTRA}credential-id`]: [`JTI=${id}`] }),
      ...extraOf('node', node),
      ...extraOf('pod', pod),
    };
    const user = { ...accountUser(namespace, account), extra };
    const staleFor = staleSeconds(own, this.#options.simulation.now);
    if (staleFor === undefined) return { user };
    const stale = `subject: ${user.username}, seconds after warning threshold: ${staleFor}`;
    return { user, annotations: { [`${NOTED}stale-token`]: stale } };
  }

  #accountFault(namespace: string, { name, uid }: Reference): string | undefined {
    const { reader } = this.#options;
    const account = reader.get(serviceAccount, `${namespace}/${name}`);
    if (account === undefined) return `serviceaccounts ${goQuote(name)} not found`;
    const { uid: current = '' } = account.metadata;
    if (current !== uid) return `service account UID (${current}) does not match claim (${uid})`;
    return this.#isLongGone(account) ? `service account ${namespace}/${name} has been deleted` : undefined;
  }

  #bindingFault(what: 'secret' | 'pod' | 'node', namespace: string, to: Reference | undefined): string | undefined {
    if (to === undefined) return undefined;
    const { reader } = this.#options;
    const key = `${namespace}/${to.name}`;
    const found =
      what === 'node'
        ? reader.get(nodeKind, to.name)
        : what === 'pod'
          ? reader.get(podKind, key)
          : reader.get(secretKind, key);
    if (found === undefined || this.#isLongGone(found)) return INVALIDATED;
    const { uid = '' } = found.metadata;
    if (uid === to.uid) return undefined;
    const name = `${what[0]!.toUpperCase()}${what.slice(1)}`;
    return `${name} UID (${uid}) does not match service account ${what} ref claim (${to.uid})`;
  }

  #isLongGone({ metadata: { deletionTimestamp } }: KubeObject): boolean {
    if (deletionTimestamp === undefined) return false;
    return (parseTimestamp(deletionTimestamp) ?? 0) < this.#options.simulation.now - LEEWAY_MS;
  }

  #legacy(token: string, claims: Claims): Bearer | { readonly fault: string } {
    const { reader, text, legacyUse } = this.#options;
    const claim = (name: string): string => textOf(claims[`${LEGACY_CLAIM}${name}`]);
    const namespace = claim('namespace');
    const secretName = claim('secret.name');
    const account = { name: claim('service-account.name'), uid: claim('service-account.uid') };
    if (textOf(claims['sub']) !== accountUsername(namespace, account.name)) return { fault: 'sub claim is invalid' };
    const secret = reader.get(secretKind, `${namespace}/${secretName}`);
    if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) {
      return { fault: 'Token has been invalidated' };
    }
    if (secretText(secret, 'token', text) !== token) return { fault: "Token does not match server's copy" };
    const fault = this.#accountFault(namespace, account);
    if (fault !== undefined) return { fault };
    legacyUse.note(secret);
    if ((secret.metadata.labels?.[INVALID_SINCE_LABEL] ?? '') !== '') {
      return {
        fault: `the token in secret ${namespace}/${secretName} for service account ${namespace}/${account.name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE_LABEL}' label from the secret to temporarily allow use of this token`,
      };
    }
    const isGenerated = reader
      .get(serviceAccount, `${namespace}/${account.name}`)
      ?.secrets?.some(({ name }) => name === secretName);
    const user = accountUser(namespace, account);
    const origin = isGenerated === true ? 'autogenerated' : 'manual';
    const annotations = {
      [`${NOTED}legacy-token`]: user.username,
      [`${NOTED}legacy-token-${origin}-secret`]: secretName,
    };
    return isGenerated === true ? { user, warning: GENERATED, annotations } : { user, annotations };
  }
}

/** How long a token is in use that should have been renewed. */
function staleSeconds(own: Claims, now: Instant): number | undefined {
  const { warnafter } = own;
  const seconds = secondsOf(now);
  return typeof warnafter === 'number' && warnafter !== 0 && seconds > warnafter ? seconds - warnafter : undefined;
}

const accountUser = (namespace: string, { name, uid }: Reference): UserInfo => ({
  username: accountUsername(namespace, name),
  uid,
  groups: accountGroups(namespace),
});

function timeFault(claims: Claims, now: Instant): string | undefined {
  const { exp, nbf, iat } = claims;
  const at = (value: unknown): number => (typeof value === 'number' ? instantOfSeconds(value) : 0);
  if (at(nbf) > now + LEEWAY_MS) return 'service account token is not valid yet';
  if (typeof exp !== 'number' || now - LEEWAY_MS > at(exp)) return 'service account token has expired';
  return at(iat) > now + LEEWAY_MS ? 'service account token is issued in the future' : undefined;
}

function referenceOf(value: unknown): Reference | undefined {
  if (value === undefined) return undefined;
  const { name, uid } = recordOf(value);
  return { name: textOf(name), uid: textOf(uid) };
}

const extraOf = (what: 'node' | 'pod', of: Reference | undefined): Readonly<Record<string, readonly string[]>> =>
  of === undefined
    ? {}
    : { [`${EXTRA}${what}-name`]: [of.name], ...(of.uid === '' ? {} : { [`${EXTRA}${what}-uid`]: [of.uid] }) };

const recordOf = (value: unknown): Claims => (typeof value === 'object' && value !== null ? (value as Claims) : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(textOf) : typeof value === 'string' ? [value] : [];
const listText = (texts: readonly string[]): string => `[${texts.map(goQuote).join(' ')}]`;
