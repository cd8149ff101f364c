import { isIP } from 'node:net';

const WILDCARD_ADDRESSES: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Where this process can be reached, once its doors are open. */
export class Doors {
  readonly #host: string;
  #ports: { readonly http: number; readonly https: number } | undefined;

  constructor(host: string) {
    this.#host = WILDCARD_ADDRESSES[host] ?? host;
  }

  /** Tells the ports that were really bound. */
  open(ports: { readonly http: number; readonly https: number }): void {
    this.#ports = ports;
  }

  get isOpen(): boolean {
    return this.#ports !== undefined;
  }

  get httpUrl(): string {
    return `http://${this.#authority}:${this.#ports?.http ?? 0}`;
  }

  get httpsUrl(): string {
    return `https://${this.#authority}:${this.#ports?.https ?? 0}`;
  }

  /** The root of one cluster's Kubernetes API, as a kubeconfig names it. */
  clusterUrl(tenant: string, cluster: string): string {
    return `${this.httpsUrl}/k8s/${tenant}/${cluster}`;
  }

  get #authority(): string {
    return isIP(this.#host) === 6 ? `[${this.#host}]` : this.#host;
  }
}
