/** Instances by number, ten of each app version, so that they come out the same in whatever asks for them. */

import { inParallel, type Requests } from './requests.js';

/** Instances of one app version. */
export const perVersion = 10;

/** ms; what is registered with it stays for longer than a benchmark takes. */
export const longTtl = 24 * 60 * 60 * 1000;

export const appOf = (index: number): string => `app-${Math.floor(index / perVersion)}`;
export const hostOf = (index: number): string => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;

/** The parts of a registration's key. */
export const keyOf = (index: number) => ({
  app: appOf(index),
  version: '1.0.0',
  host: hostOf(index),
  port: 8080,
});

export function idOf(index: number): string {
  const { app, version, host, port } = keyOf(index);
  return `${app}/${version}/${host}/${port}`;
}

export const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);

/** Registers instances `from` to `to` - 1, all at one daemon or each at its own. */
export async function register(
  daemon: Requests | ((index: number) => Requests),
  to: number,
  { from = 0, ttl = longTtl }: { from?: number; ttl?: number } = {},
): Promise<void> {
  const body = JSON.stringify({ ttl });
  const daemonOf = typeof daemon === 'function' ? daemon : () => daemon;
  await inParallel(to - from, 64, async (offset) => {
    const index = from + offset;
    const { status } = await daemonOf(index).send('POST', `/registrations/${idOf(index)}`, body);
    if (status !== 200) throw new Error(`registering answers ${status}`);
  });
}
