import type { HeaderValues } from '../outside/outside-effect.js';

/** A request that goes on to a server outside, as it comes; and so does the answer, without passing the cluster. */
export interface ForwardedRequest {
  readonly url: string;
  /** The name that the certificate must be for. */
  readonly serverName: string;
  /** PEM in base64; empty: the authorities that the system trusts. */
  readonly caBundle: string;
  /** Whoever answers is believed. */
  readonly isInsecure: boolean;
  readonly method: string;
  /** In place of the client's; names in lower case. What belongs to a connection is the carrier's. */
  readonly headers: HeaderValues;
  /** When the answer must be over; without it, it may go on. */
  readonly timeoutSeconds: number | undefined;
  /** What the answer says besides, where the server outside does not say otherwise. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
  /** Told the status of the answer, as soon as it is known, where that is of interest. */
  readonly answered?: (status: number) => void;
}
