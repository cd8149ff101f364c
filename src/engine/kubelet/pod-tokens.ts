import type { Client } from '../client/client.js';
import { after, parseTimestamp, seconds, type Instant } from '../kernel/clock.js';
import { serviceAccount } from '../kinds/service-account.js';
import type { TokenRequest } from '../machinery/api/authentication-v1.js';
import type { Pod, ServiceAccountTokenProjection } from '../machinery/api/core-v1.js';
import type { KubeObject } from '../machinery/object.js';

const DEFAULT_SECONDS = 3_600;
/** A token is renewed in the last fifth of its life, and after a day at the latest. */
const RENEWED_BEFORE = 0.2;
const RENEWED_AFTER_SECONDS_MAX = 24 * 3_600;

interface Held {
  readonly token: string;
  readonly renewAt: Instant;
  readonly expiresAt: Instant;
}

interface TokensOfPod {
  /** By audience and lifetime, so there are at most as many as the pod has projections. */
  readonly held: Map<string, Held>;
  readonly asked: Set<string>;
}

/**
 * The tokens that a kubelet has asked for in the name of its pods. Mirrors upstream's token manager, with two differences:
 * a token is asked for when somebody looks at it, and the moment of its renewal has no jitter.
 */
export class PodTokens {
  readonly #client: Client;
  readonly #pods = new Map<string, TokensOfPod>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** As it is to be now; `undefined` where there is none, or none yet. A token that cannot be renewed is good while it lasts. */
  tokenOf(pod: Pod, projection: ServiceAccountTokenProjection): string | undefined {
    const { now } = this.#client.simulation;
    const tokens = this.#tokensOf(pod);
    const key = `${projection.expirationSeconds ?? DEFAULT_SECONDS} ${projection.audience ?? ''}`;
    const known = tokens.held.get(key);
    if ((known === undefined || now > known.renewAt) && !tokens.asked.has(key)) {
      tokens.asked.add(key);
      this.#request(pod, projection, (held) => {
        tokens.asked.delete(key);
        if (held !== undefined) tokens.held.set(key, held);
      });
    }
    const held = tokens.held.get(key);
    return held !== undefined && now <= held.expiresAt ? held.token : undefined;
  }

  /** The pod has ended. */
  release({ metadata: { uid = '' } }: Pod): void {
    this.#pods.delete(uid);
  }

  clear(): void {
    this.#pods.clear();
  }

  #tokensOf({ metadata: { uid = '' } }: Pod): TokensOfPod {
    const known = this.#pods.get(uid);
    if (known !== undefined) return known;
    const tokens: TokensOfPod = { held: new Map(), asked: new Set() };
    this.#pods.set(uid, tokens);
    return tokens;
  }

  #request(
    { metadata: { namespace = '', name, uid = '' }, spec: { serviceAccountName = '' } }: Pod,
    { audience = '', expirationSeconds = DEFAULT_SECONDS }: ServiceAccountTokenProjection,
    done: (held: Held | undefined) => void,
  ): void {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        audiences: audience === '' ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const target = { key: `${namespace}/${serviceAccountName}`, subresource: 'token' };
    this.#client.post<KubeObject>(serviceAccount, target, body, ({ object }) => {
      done(object === undefined ? undefined : heldOf(object as TokenRequest, expirationSeconds));
    });
  }
}

function heldOf({ status }: TokenRequest, lifetimeSeconds: number): Held | undefined {
  const expiresAt = parseTimestamp(status?.expirationTimestamp ?? '');
  if (status === undefined || expiresAt === undefined) return undefined;
  const issuedAt = after(expiresAt, seconds(-lifetimeSeconds));
  const wait = Math.min(lifetimeSeconds - Math.floor(lifetimeSeconds * RENEWED_BEFORE), RENEWED_AFTER_SECONDS_MAX);
  return { token: status.token, renewAt: after(issuedAt, seconds(wait)), expiresAt };
}
