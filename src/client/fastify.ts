/**
 * A plugin for Fastify: the app is registered while it listens, and drained before it closes.
 *
 *     import fastify from 'fastify';
 *     import { Client } from 'bender-client';
 *     import { benderService } from 'bender-client/fastify';
 *
 *     const app = fastify();
 *     app.get('/', async () => 'hello\n');
 *     await app.register(benderService, { client: new Client(), app: 'web', version: '1.2.0' });
 *     await app.listen({ port: 8080 });
 *     const service = await app.bender.ready;
 */

import type { FastifyPluginAsync } from 'fastify';
import { Connections } from './service/connections.js';
import type { Service, ServiceOptions } from './service/service.js';
import { startService, untilRegistered } from './service/start.js';

export type { Service, ServiceOptions } from './service/service.js';

/** What the plugin adds to an app, as `app.bender`. */
export interface BenderOfApp {
  /**
   * The service, once the app listens and is registered, or was stopped before. Rejects with the error of a daemon that
   * refuses the registration, which is logged as well; the app goes on listening then.
   */
  readonly ready: Promise<Service>;
  /** Drains, deregisters and closes the app; `app.close()` deregisters and closes it, without a drain. */
  stop(reason?: string): Promise<void>;
}

declare module 'fastify' {
  interface FastifyInstance {
    bender: BenderOfApp;
  }
}

/** Register it on the root of an app. Its options are those of `runService`. */
export const benderService: FastifyPluginAsync<ServiceOptions> = async (fastify, options) => {
  const { server } = fastify;
  const connections = new Connections(server);
  let started: Promise<Service> | undefined;
  let resolve!: (service: Promise<Service>) => void;
  const ready = new Promise<Service>((settle) => (resolve = settle));
  ready.catch((error: unknown) => fastify.log.error({ err: error }, 'is not registered at bender'));
  const close = async (): Promise<void> => {
    connections.endIdle();
    await fastify.close();
  };
  /** Undefined if the app does not listen, or not where callers could reach it. */
  const serviceOfApp = async (): Promise<Service | undefined> => started?.catch(() => undefined);

  // Fastify may serve one app by several servers.
  fastify.addHook('onRequest', (_, reply, done) => {
    connections.responding(reply.raw);
    done();
  });
  fastify.addHook('onListen', (done) => {
    started = startService(server, connections, options, close);
    resolve(started.then(untilRegistered));
    done();
  });
  fastify.addHook('preClose', async () => {
    const service = await serviceOfApp();
    if (service && !service.isEnding) await service.deregister();
  });
  fastify.decorate('bender', {
    ready,
    stop: async (reason) => {
      const service = await serviceOfApp();
      await (service ? service.stop(reason) : close());
    },
  });
};

// For the whole app, as fastify-plugin does it.
Object.assign(benderService, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'bender-client',
  [Symbol.for('plugin-meta')]: { name: 'bender-client', fastify: '>=4.23' },
});

export default benderService;
