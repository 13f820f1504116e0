/** What one side of a TLS connection presents and trusts. */

/** All in PEM. */
export interface TlsCredentials {
  /** The certificates of the CAs to trust; default: those that Node trusts. */
  ca?: string | undefined;
  /** The certificate to present, followed by the intermediate ones, and its private key. */
  cert?: string | undefined;
  key?: string | undefined;
}
