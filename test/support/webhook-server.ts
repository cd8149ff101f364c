import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Json } from './engine-harness.js';
import { issueAuthority, issueServerCertificate } from '../../src/config/certificates.js';

type WebhookAnswer = object | undefined;

/** What a webhook is asked, and answers, at once or later. `undefined`: it does not answer at all. */
export type Webhook = (request: Json, path: string) => WebhookAnswer | Promise<WebhookAnswer>;

/** A webhook as operators run them beside a cluster: over TLS, with a certificate of an authority of its own. */
export class WebhookServer {
  /** Of `request.kind` and operation, or of the version to convert to, in order. */
  readonly asked: string[] = [];
  readonly url: string;
  readonly caBundle: string;
  /** Its own certificate in the form of a bundle: tools for tests name it as what is to be trusted. */
  readonly ownBundle: string;
  readonly #server: Server;

  private constructor(server: Server, bundles: { readonly authority: string; readonly own: string }) {
    this.#server = server;
    this.caBundle = Buffer.from(bundles.authority).toString('base64');
    this.ownBundle = Buffer.from(bundles.own).toString('base64');
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `host` is what its certificate is for, besides the address that it listens on. */
  static async start(webhook: Webhook, host = '127.0.0.1'): Promise<WebhookServer> {
    const authority = await issueAuthority();
    const { certificate, privateKey } = await issueServerCertificate(authority, host);
    const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const review = JSON.parse(Buffer.concat(chunks).toString()) as Json;
        const path = (request.url ?? '').split('?', 1)[0] ?? '';
        const { operation, kind: about, desiredAPIVersion } = review.request;
        started.asked.push(about === undefined ? `CONVERT ${desiredAPIVersion}` : `${operation} ${about.kind}`);
        const { apiVersion, kind } = review;
        void Promise.resolve(webhook(review.request, path)).then((answer) => {
          if (answer === undefined) return;
          response.end(JSON.stringify({ apiVersion, kind, response: { uid: review.request.uid, ...answer } }));
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const started = new WebhookServer(server, { authority: authority.certificate, own: certificate });
    return started;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
