/** Whom servers behind the aggregator are told to believe: authorities' certificates, in PEM. */
export interface RequestTrust {
  /** Behind the certificates of clients. */
  readonly clientAuthority: string;
  /** Behind the certificate that the aggregator shows when it says who asks. */
  readonly frontProxyAuthority: string;
}
