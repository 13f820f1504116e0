/** How a daemon's server speaks TLS. */

import { constants } from 'node:crypto';
import type { Server } from 'node:http';
import type { ServerOptions } from 'node:https';
import { Server as TlsServer } from 'node:tls';
import type { ClientAuth } from '../../model/daemon.js';
import type { Material } from './material.js';

/** ms that a handshake may take. */
const handshakeMs = 10_000;

/** What a side of a connection shows, and what it trusts. */
export const contextOf = ({ cert, key, ca }: Material) => ({
  cert,
  key,
  // Without a CA of its own, certificates of clients are not looked at.
  ...(ca !== undefined && { ca }),
  minVersion: 'TLSv1.2' as const,
  // With TLS 1.2 a client could show another certificate later, for which Node still says `authorized`.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
});

/** For `https.createServer`. A certificate that is only asked for, and does not verify, is as good as none. */
export const listenerOptions = (material: Material, clientAuth: ClientAuth): ServerOptions => ({
  ...contextOf(material),
  requestCert: clientAuth !== 'none',
  rejectUnauthorized: clientAuth === 'require',
  handshakeTimeout: handshakeMs,
});

/** New connections use this from now on; those that are open stay. */
export function renewContext(server: Server, material: Material): void {
  if (server instanceof TlsServer) server.setSecureContext(contextOf(material));
}

/** Which event brings a connection that requests can come by. */
export const readyEvent = (server: Server): 'connection' | 'secureConnection' =>
  (server as unknown) instanceof TlsServer ? 'secureConnection' : 'connection';
