import http from 'node:http';
import https from 'node:https';
import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type BlockList, type LookupFunction } from 'node:net';
import type { OutsideResult, WebhookRequest } from '../engine/kube-apiserver/outside/outside-effect.js';

const WEBHOOK_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, */*',
  'user-agent': 'kube-apiserver-admission',
};
const RESPONSE_BYTES_MAX = 3 * 1_024 * 1_024;

/** Performs the calls that clusters ask for, and only to addresses that the server's operator permits. */
export class WebhookCaller {
  readonly #permitted: BlockList;

  constructor(permitted: BlockList) {
    this.#permitted = permitted;
  }

  /** Always resolves: what goes wrong is told in Go's words, as kube-apiserver's clients see it. */
  async call(request: WebhookRequest): Promise<OutsideResult> {
    try {
      return await this.#send(request);
    } catch (error) {
      return { fault: faultOf(error, new URL(request.url)) };
    }
  }

  #send({
    url,
    serverName,
    caBundle,
    timeoutSeconds,
    body,
    method = 'POST',
    headers,
    isInsecure,
  }: WebhookRequest): Promise<OutsideResult> {
    const target = new URL(url);
    this.#checkLiteral(hostOf(target));
    const isSecure = target.protocol === 'https:';
    const options: https.RequestOptions = {
      method,
      // Each call on a connection of its own: one that was kept may be closed by the other side at any time.
      agent: false,
      lookup: this.#lookup,
      headers: {
        ...(headers ?? WEBHOOK_HEADERS),
        ...(body.length > 0 || method === 'POST' ? { 'content-length': body.length } : {}),
      },
      rejectUnauthorized: isInsecure !== true,
      ...(isSecure && serverName !== undefined ? { servername: serverName } : {}),
      ...(isSecure && caBundle !== '' ? { ca: Buffer.from(caBundle, 'base64') } : {}),
    };
    return new Promise<OutsideResult>((resolve, reject) => {
      const outgoing = (isSecure ? https : http).request(target, options, (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > RESPONSE_BYTES_MAX) outgoing.destroy(new Error('http: response body too large'));
          else chunks.push(chunk);
        });
        answer.on('end', () => {
          const { statusCode: status = 0, headers } = answer;
          resolve({ status, headers, body: Buffer.concat(chunks) });
        });
        answer.on('error', reject);
      });
      const deadline = setTimeout(() => outgoing.destroy(new DeadlineError()), timeoutSeconds * 1_000);
      outgoing.on('error', reject);
      outgoing.on('close', () => clearTimeout(deadline));
      outgoing.end(body);
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

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';

  constructor(address: string) {
    super(`address ${address} is not one that this server may call`);
  }
}

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

function faultOf(error: unknown, target: URL): string {
  if (error instanceof DeadlineError) return 'context deadline exceeded';
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
