/** Something that happens outside the cluster, and whose result returns as an input. */
export interface OutsideEffect {
  /** Unique in one run of a cluster. */
  readonly id: number;
  readonly kind: 'webhook';
  readonly payload: WebhookRequest;
}

export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One request over HTTP: a POST of JSON where it does not say otherwise. */
export interface WebhookRequest {
  readonly method?: string;
  /** In place of those of a webhook; names in lower case. */
  readonly headers?: HeaderValues;
  /** Whoever answers is believed. */
  readonly isInsecure?: boolean;
  /** The cluster shows that it is the aggregator. */
  readonly isFrontProxy?: boolean;
  /** With `https` or, for a service that the cluster's settings send elsewhere, `http`. */
  readonly url: string;
  /** The name that the certificate must be for, where it is not the URL's host. */
  readonly serverName: string | undefined;
  /** PEM in base64, as configurations have it; empty: the authorities that the system trusts. */
  readonly caBundle: string;
  readonly timeoutSeconds: number;
  readonly body: Uint8Array;
}

export type OutsideResult =
  | { readonly status: number; readonly body: Uint8Array; readonly headers?: HeaderValues; readonly fault?: never }
  /** In Go's words, such as `dial tcp 127.0.0.1:1: connect: connection refused`. */
  | { readonly fault: string; readonly status?: never; readonly body?: never };

/** Hosting's side. */
export interface OutsideWorld {
  /** The result comes as `settle` of the cluster's effects, later. */
  perform(effect: OutsideEffect): void;
  /** Where a service (`namespace/name`) is reached outside the cluster, where the cluster's settings say so. */
  serviceUrl(service: string): string | undefined;
}
