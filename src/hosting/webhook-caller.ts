import type { OutsideResult, WebhookRequest } from '../engine/kube-apiserver/outside/outside-effect.js';
import { DeadlineError, outgoingFault, type OutgoingRequests, type OutgoingTarget } from './outgoing-requests.js';

const WEBHOOK_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, */*',
  'user-agent': 'kube-apiserver-admission',
};
const RESPONSE_BYTES_MAX = 3 * 1_024 * 1_024;

/** Performs the calls that clusters ask for and want a whole answer to. */
export class WebhookCaller {
  readonly #requests: OutgoingRequests;

  constructor(requests: OutgoingRequests) {
    this.#requests = requests;
  }

  /** Always resolves: what goes wrong is told in Go's words. `identity` is shown where the request says so. */
  async call(request: WebhookRequest, identity: () => OutgoingTarget['identity']): Promise<OutsideResult> {
    try {
      return await this.#send(request, request.isFrontProxy === true ? identity() : undefined);
    } catch (error) {
      return { fault: outgoingFault(error, request.url) };
    }
  }

  #send(request: WebhookRequest, identity: OutgoingTarget['identity']): Promise<OutsideResult> {
    const { url, serverName, caBundle, timeoutSeconds, body, method = 'POST', headers, isInsecure = false } = request;
    const length = body.length > 0 || method === 'POST' ? { 'content-length': String(body.length) } : {};
    const target = { url, method, serverName, caBundle, isInsecure, identity };
    return new Promise<OutsideResult>((resolve, reject) => {
      const outgoing = this.#requests.open({ ...target, headers: { ...(headers ?? WEBHOOK_HEADERS), ...length } });
      outgoing.on('response', (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > RESPONSE_BYTES_MAX) outgoing.destroy(new Error('http: response body too large'));
          else chunks.push(chunk);
        });
        answer.on('end', () => {
          const { statusCode: status = 0, headers: given } = answer;
          resolve({ status, headers: given, body: Buffer.concat(chunks) });
        });
        answer.on('error', reject);
      });
      const deadline = setTimeout(() => outgoing.destroy(new DeadlineError()), timeoutSeconds * 1_000);
      outgoing.on('error', reject);
      outgoing.on('close', () => clearTimeout(deadline));
      outgoing.end(body);
    });
  }
}
