/**
 * Where a peer is called. Usually that is its base URL. If the host of a configured peer has several addresses, each is
 * called as `URL#ADDRESS`, so that the peer still sees the host name (`Host`, TLS).
 */

import type { CallTarget, DaemonUrl } from '../../../crdt/ids.js';

export interface PeerAddress {
  url: DaemonUrl;
  /** The address to connect to; undefined: any address of the URL's host. */
  address: string | undefined;
}

export const formatPeerAddress = ({ url, address }: PeerAddress): CallTarget =>
  address === undefined ? url : `${url}#${address}`;

export function parsePeerAddress(text: CallTarget): PeerAddress {
  const [url = '', address] = text.split('#', 2);
  return { url, address };
}
