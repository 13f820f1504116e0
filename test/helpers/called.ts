/** HTTP servers that are instances of a FakeRegistry, for the callers of the client library. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { issue } from '../../src/cli/ca/certificates.js';
import { Pool } from '../../src/client/pool/pool.js';
import type { PoolOpener } from '../../src/client/pool/pools.js';
import { Views } from '../../src/client/pool/view.js';
import { realTimers } from '../../src/client/timers.js';
import type { Registration } from '../../src/model/registration.js';
import { TestAuthority } from './authority.js';
import { FakeRegistry, instanceOf } from './fake-registry.js';

/** What a {@link Called} speaks TLS with, and the CA of its certificate, in PEM. */
export interface Identity {
  cert: string;
  key: string;
  ca: string;
}

/** A certificate for these names and addresses, of a CA of its own. */
export async function identityOf(...hosts: string[]): Promise<Identity> {
  const { made } = await TestAuthority.make();
  const { certificate: cert, key } = await issue(made, { name: 'web', hosts, days: 1 });
  return { cert, key, ca: made.certificate };
}

export class Called {
  readonly asked: string[] = [];
  readonly sockets = new Set<Socket>();
  registration!: Registration;

  private constructor(
    readonly name: string,
    readonly server: Server,
  ) {}

  static async start(
    name: string,
    answer?: (request: IncomingMessage, response: ServerResponse) => void,
    identity?: Identity,
  ): Promise<Called> {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      called.asked.push(`${request.method} ${request.headers.host}`);
      if (answer) answer(request, response);
      else response.end(name);
    };
    const called: Called = new Called(
      name,
      identity ? createTlsServer({ cert: identity.cert, key: identity.key }, listener) : createServer(listener),
    );
    called.server.on('connection', (socket) => {
      called.sockets.add(socket);
      socket.on('close', () => called.sockets.delete(socket));
    });
    called.server.listen(0, '127.0.0.1');
    await once(called.server, 'listening');
    const { port } = called.server.address() as AddressInfo;
    called.registration = { ...instanceOf('1.0.0', port, { id: name as Registration['id'] }), host: '127.0.0.1' };
    return called;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

/** A registry with the frontend `www`, and what opens its pools. */
export function registryWith(...instances: Called[]): { registry: FakeRegistry; opener: PoolOpener } {
  const registry = new FakeRegistry();
  registry.serve({ name: 'www', backend: 'web' });
  registry.deploy({ name: 'web', app: 'web', version: '1.0.0' });
  registry.online(...instances.map(({ registration }) => registration));
  const views = new Views(registry, realTimers);
  return { registry, opener: { pool: (name, options) => new Pool(registry, views, name, options) } };
}
