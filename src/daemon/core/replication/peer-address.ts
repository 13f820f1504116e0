/**
 * Where a peer is called. Usually that is its base URL. If the host of a configured peer has several addresses, each of
 * them is called: as `URL#ADDRESS`, so that the peer still sees the name that it was called by (`Host`, TLS).
 */

export interface PeerAddress {
  url: string;
  /** The address to connect to; undefined: whichever the host of the URL stands for. */
  address: string | undefined;
}

export const formatPeerAddress = ({ url, address }: PeerAddress): string =>
  address === undefined ? url : `${url}#${address}`;

export function parsePeerAddress(text: string): PeerAddress {
  const at = text.indexOf('#');
  return at < 0 ? { url: text, address: undefined } : { url: text.slice(0, at), address: text.slice(at + 1) };
}
