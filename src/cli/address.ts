/** Which registration a command is about. */

import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Args, Flags } from './oclif.js';
import { UsageError } from './usage-error.js';
import { normalizeHost } from '../model/host.js';
import type { Client } from '../client/index.js';
import { outwardAddress } from '../model/outward-address.js';
import type { Address } from '../model/registration.js';
import { parseId } from '../model/registration.js';

export const portFlag = (otherwise: string) =>
  Flags.integer({
    min: 0,
    max: 65535,
    helpValue: 'PORT',
    description: `The port at which callers reach the instance. [default: ${otherwise}]`,
  });

export const addressFlags = {
  app: Flags.string({ helpValue: 'APP', description: 'The app.' }),
  version: Flags.string({ helpValue: 'VERSION', description: 'Its version.' }),
  host: Flags.string({
    helpValue: 'HOST',
    description: "The host at which callers reach the instance. [default: this machine's outward address]",
  }),
  port: portFlag('$PORT'),
};

export const idArg = Args.string({
  ignoreStdin: true,
  name: 'id',
  description: "APP/VERSION/HOST/PORT, as 'bender ls' shows it. Give one id or several, or the flags.",
});

/** For commands on one instance of a service, and not on its successor. */
export const instanceFlag = Flags.string({
  helpValue: 'ID',
  description:
    'Only if this instance is registered, as `bender ls -o wide` shows it. If another one is, it is left alone (exit code 4).',
});

export interface AddressInput {
  app?: string | undefined;
  version?: string | undefined;
  host?: string | undefined;
  port?: number | undefined;
}

/** Which way the outward address of this machine is looked for: the daemons that are asked. */
export const towards = ({ servers }: Client): string[] => servers.hosts;

/** The address of something that exists: by its id, or by the flags that it was registered with. */
export async function existingAddress(
  id: string | undefined,
  flags: AddressInput,
  targets: readonly string[] = [],
): Promise<Address> {
  if (id === undefined)
    return { ...(await partsOf(flags, targets)), port: portOf(flags) ?? missing('port', 'or set $PORT') };
  const { app, version, host, port } = flags;
  if ([app, version, host, port].some((value) => value !== undefined))
    throw new UsageError('give an id or flags, not both');
  return parseId(id);
}

/** The address of something new, which may have to find a free port first. */
export async function newAddress(flags: AddressInput, targets: readonly string[] = []): Promise<Address> {
  return { ...(await partsOf(flags, targets)), port: portOf(flags) || (await freePort()) };
}

async function partsOf(
  { app, version, host }: AddressInput,
  targets: readonly string[],
): Promise<Omit<Address, 'port'>> {
  return {
    app: app ?? missing('app'),
    version: version ?? missing('version'),
    host: host === undefined ? await outwardAddress(targets) : normalizeHost(host),
  };
}

function portOf({ port }: AddressInput): number | undefined {
  const { PORT } = process.env;
  if (port !== undefined || !PORT) return port;
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65535) throw new UsageError(`$PORT must be a port, not '${PORT}'`);
  return Number(PORT);
}

function missing(flag: string, otherwise = ''): never {
  throw new UsageError(`--${flag} is missing${otherwise && `: give it, ${otherwise}`}`);
}

/** A port that is free right now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
