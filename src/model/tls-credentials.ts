/** What one side of a TLS connection shows and trusts. */

/** All in PEM. */
export interface TlsCredentials {
  /** The certificates of the CAs to trust; default: those that Node trusts. */
  ca?: string | undefined;
  /** The certificate to show, with the intermediate ones behind it, and its private key. */
  cert?: string | undefined;
  key?: string | undefined;
}
