import http from 'node:http';
import https from 'node:https';
import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type BlockList, type LookupFunction } from 'node:net';
import type { HeaderValues } from '../engine/kube-apiserver/outside/outside-effect.js';

const CERTIFICATE_BEGIN = '-----BEGIN CERTIFICATE-----';

/** Where a request goes, and whom it believes there. */
export interface OutgoingTarget {
  readonly url: string;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: HeaderValues;
  /** The name that the certificate must be for, where it is not the URL's host. */
  readonly serverName: string | undefined;
  /** PEM in base64; empty: the authorities that the system trusts. */
  readonly caBundle: string;
  /** Whoever answers is believed. */
  readonly isInsecure: boolean;
  /** Shown to who asks for one; both in PEM. */
  readonly identity?: { readonly certificate: string; readonly privateKey: string } | undefined;
}

/** Requests that leave this process for its clusters, and only to addresses that the server's operator permits. */
export class OutgoingRequests {
  readonly #permitted: BlockList;

  constructor(permitted: BlockList) {
    this.#permitted = permitted;
  }

  /** One whose body is still to be sent. Redirects are answers like others. @throws ForbiddenAddressError, UnreadableBundleError */
  open({ url, method, headers, serverName, caBundle, isInsecure, identity }: OutgoingTarget): http.ClientRequest {
    const target = new URL(url);
    this.#checkLiteral(hostOf(target));
    const options: http.RequestOptions = {
      method,
      // Each on a connection of its own: one that was kept may be closed by the other side at any time.
      agent: false,
      lookup: this.#lookup,
      headers: headers as http.OutgoingHttpHeaders,
    };
    if (target.protocol !== 'https:') return http.request(target, options);
    const ca = Buffer.from(caBundle, 'base64');
    // Node would believe the system's authorities instead.
    if (caBundle !== '' && !ca.includes(CERTIFICATE_BEGIN)) throw new UnreadableBundleError();
    return https.request(target, {
      ...options,
      rejectUnauthorized: !isInsecure,
      // Go trusts each certificate of a bundle, as tools that put a server's own certificate there rely on.
      allowPartialTrustChain: true,
      ...(serverName === undefined ? {} : { servername: serverName }),
      ...(caBundle === '' ? {} : { ca }),
      ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.privateKey }),
    });
  }

  /** A literal address is never looked up. */
  #checkLiteral(host: string): void {
    if (isIP(host) !== 0 && !this.#isPermitted(host)) throw new ForbiddenAddressError(host);
  }

  #isPermitted(address: string): boolean {
    return this.#permitted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }

  /** Checks what the connection is made to, not what a name meant a moment ago. */
  readonly #lookup: LookupFunction = (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return done(error, '', 0);
      const permitted = addresses.filter(({ address }) => this.#isPermitted(address));
      const [first] = permitted;
      if (first === undefined) return done(new ForbiddenAddressError(addresses[0]?.address ?? hostname), '', 0);
      if (options.all === true) done(null, permitted);
      else done(null, first.address, first.family);
    });
  };
}

/** Ends a request that took too long. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** There is no telling whom to believe. */
export class UnreadableBundleError extends Error {
  override readonly name = 'UnreadableBundleError';

  constructor() {
    super('unable to load root certificates: unable to parse bytes as PEM block');
  }
}

class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';

  constructor(address: string) {
    super(`address ${address} is not one that this server may call`);
  }
}

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** What went wrong, in Go's words, as kube-apiserver's clients see it. */
export function outgoingFault(error: unknown, url: string): string {
  if (error instanceof DeadlineError) return 'context deadline exceeded';
  const target = new URL(url);
  const port = target.port !== '' ? target.port : target.protocol === 'https:' ? '443' : '80';
  const {
    code = '',
    message,
    address = hostOf(target),
  } = error as NodeJS.ErrnoException & { readonly address?: string };
  const dial = `dial tcp ${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
  if (error instanceof ForbiddenAddressError) return `${dial}: connect: ${message}`;
  switch (code) {
    case 'ECONNREFUSED':
      return `${dial}: connect: connection refused`;
    case 'EHOSTUNREACH':
      return `${dial}: connect: no route to host`;
    case 'ENETUNREACH':
      return `${dial}: connect: network is unreachable`;
    case 'ETIMEDOUT':
      return `${dial}: i/o timeout`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${hostOf(target)}: no such host`;
    case 'ECONNRESET':
      return 'EOF';
    case 'CERT_HAS_EXPIRED':
      return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `tls: failed to verify certificate: x509: ${message}`;
    case 'EPROTO':
      return 'http: server gave HTTP response to HTTPS client';
    default:
      return message;
  }
}
