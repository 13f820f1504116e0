/**
 * gRPC through the registry: a channel to `bender:///www` calls the instances of the frontend `www`. It needs
 * @grpc/grpc-js in the program, whose interface for resolvers is called experimental.
 */

import { type ChannelOptions, experimental, Metadata, status } from '@grpc/grpc-js';
import type { Weighted } from '../../model/weights.js';
import type { PoolOptions } from '../pool/options.js';
import type { Pool } from '../pool/pool.js';
import type { PoolOpener } from '../pool/pools.js';
import { nearOf } from '../pool/shares.js';
import { strategyOf } from '../pool/strategies.js';

export interface GrpcOptions extends Omit<PoolOptions, 'pick' | 'leaveOut'> {
  /** The scheme of the targets; default `bender`. A program that calls two clusters needs two. */
  scheme?: string | undefined;
}

/** How many addresses a channel gets at most, if there are fewer instances. More would make weights more exact. */
const mostAddresses = 100;

/** Calls are spread over all instances. Without a policy, grpc-js sends all of them to the first. */
const serviceConfig = { loadBalancingConfig: [{ round_robin: {} }], methodConfig: [] };

/**
 * Teaches grpc-js the scheme `bender`. Channels then follow deployments, splits, drains and expiry.
 *
 *     registerBender(client);
 *     const greeter = new Greeter('bender:///www', credentials.createInsecure());
 *
 * Calls are spread by `round_robin`, with weights, unless the channel has a `grpc.service_config`. Calls fail with
 * UNAVAILABLE if nothing is online. Closing the channel closes its pool. Throws InvalidError for a malformed `near`.
 */
export function registerBender(client: PoolOpener, { scheme = 'bender', ...options }: GrpcOptions = {}): void {
  nearOf(options);
  experimental.registerResolver(
    scheme,
    class extends BenderResolver {
      constructor(target: experimental.GrpcUri, listener: experimental.ResolverListener, channel: ChannelOptions) {
        super(() => client.pool(target.path, options), listener, 'grpc.service_config' in channel);
      }

      static getDefaultAuthority({ path }: experimental.GrpcUri): string {
        return path;
      }
    },
  );
}

class BenderResolver implements experimental.Resolver {
  #pool: Pool | undefined;
  /** What the channel was told last. */
  #told: string | undefined;

  constructor(
    private readonly open: () => Pool,
    private readonly listener: experimental.ResolverListener,
    private readonly hasConfig: boolean,
  ) {}

  /**
   * The channel is new, has lost a connection, or a call waits for an address. Changes are told without being asked,
   * but round_robin forgets why there is no address when a connection that it has given up ends later.
   */
  updateResolution(): void {
    const known = this.#pool;
    if (known) return queueMicrotask(() => this.#tellAgain(known));
    const pool = this.open();
    this.#pool = pool;
    pool.onUpdate(() => this.#tell(pool));
    pool.ready.then(
      () => this.#tell(pool),
      (error: Error) => this.#refused(pool, error),
    );
  }

  destroy(): void {
    this.#pool?.close().catch(() => undefined);
    this.#pool = undefined;
    this.#told = undefined;
  }

  #tell(pool: Pool): void {
    if (this.#pool !== pool || pool.status.state === 'waiting') return;
    const addresses = addressesOf(pool.takers);
    const note = addresses.length === 0 ? pool.noInstance().message : '';
    const told = JSON.stringify([addresses, note]);
    if (told === this.#told) return;
    this.#told = told;
    const endpoints = addresses.map((address) => ({ addresses: [address] }));
    this.listener(experimental.statusOrFromValue(endpoints), {}, this.#config, note);
    // With an empty list, round_robin lets calls wait until their deadline. With an error alone, it keeps its last one.
    if (endpoints.length === 0) this.#fail(note);
  }

  #tellAgain(pool: Pool): void {
    if (this.#pool !== pool || pool.status.state === 'waiting' || pool.takers.length > 0) return;
    this.#fail(pool.noInstance().message);
  }

  #refused(pool: Pool, { message }: Error): void {
    if (this.#pool === pool) this.#fail(message);
  }

  /** Calls fail with UNAVAILABLE until there are addresses. */
  #fail(details: string): void {
    const error = { code: status.UNAVAILABLE, details, metadata: new Metadata() };
    this.listener(experimental.statusOrFromError(error), {}, this.#config, details);
  }

  get #config(): ReturnType<typeof experimental.statusOrFromValue<typeof serviceConfig>> | null {
    return this.hasConfig ? null : experimental.statusOrFromValue(serviceConfig);
  }
}

/** Each address as often as its weight says, and not in a row. */
function addressesOf(instances: readonly Weighted[]): { host: string; port: number }[] {
  const sum = instances.reduce((so, { weight }) => so + weight, 0);
  const scale = Math.min(1, mostAddresses / sum);
  const isEqual = instances.every(({ weight }) => weight === instances[0]!.weight);
  const scaled = instances.map((one) => ({
    ...one,
    weight: isEqual ? 1 : Math.max(1, Math.round(one.weight * scale)),
  }));
  const next = strategyOf(
    'round-robin',
    () => 0,
    () => 0,
  );
  const count = scaled.reduce((so, { weight }) => so + weight, 0);
  return Array.from({ length: count }, () => next(scaled)!).map(({ host, port }) => ({ host, port }));
}
