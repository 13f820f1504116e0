/**
 * Where a peer is called. Usually that is its base URL. If the host of a configured peer has several addresses, each of
 * them is called: as `URL#ADDRESS`, so that the peer still sees the name that it was called by (`Host`, TLS).
 */

import type { CallTarget, DaemonUrl } from '../../../crdt/ids.js';

export interface PeerAddress {
  url: DaemonUrl;
  /** The address to connect to; undefined: whichever the host of the URL stands for. */
  address: string | undefined;
}

export const formatPeerAddress = ({ url, address }: PeerAddress): CallTarget =>
  address === undefined ? url : `${url}#${address}`;

export function parsePeerAddress(text: CallTarget): PeerAddress {
  const [url = '', address] = text.split('#', 2);
  return { url, address };
}
