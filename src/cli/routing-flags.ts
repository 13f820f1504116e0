/** Routing facts as flags of the commands that create and update backends and frontends. */

import type { Routing } from '../model/catalog.js';
import { schemes } from '../model/routing.js';
import { Flags } from './oclif.js';

const many = { multiple: true, multipleNonGreedy: true } as const;

/** For commands that create. */
export const routingFlags = {
  host: Flags.string({
    ...many,
    helpGroup: 'ROUTING',
    helpValue: 'HOST',
    description: 'A host name under which callers ask a proxy for it. May be repeated.',
  }),
  'path-prefix': Flags.string({
    helpGroup: 'ROUTING',
    helpValue: 'PATH',
    description: 'The beginning of the paths that belong to it.',
  }),
  scheme: Flags.option({
    options: schemes,
    helpGroup: 'ROUTING',
    helpValue: schemes.join('|'),
    description: 'What the instances speak.',
  })(),
  'entry-point': Flags.string({
    ...many,
    helpGroup: 'ROUTING',
    helpValue: 'NAME',
    description: 'An entry point of the proxy. May be repeated.',
  }),
  middleware: Flags.string({
    ...many,
    helpGroup: 'ROUTING',
    helpValue: 'NAME',
    description: 'A middleware of the proxy. May be repeated; they act in this order.',
  }),
};

/** For commands that update. */
export const reroutingFlags = {
  ...routingFlags,
  'no-routing': Flags.boolean({
    exclusive: Object.keys(routingFlags),
    helpGroup: 'ROUTING',
    description: 'Remove all routing settings.',
  }),
};

/** The names of the flags, for commands that need one of them. */
export const reroutingFlagNames = Object.keys(reroutingFlags);

interface Given {
  host?: string[] | undefined;
  'path-prefix'?: string | undefined;
  scheme?: Routing['scheme'] | undefined;
  'entry-point'?: string[] | undefined;
  middleware?: string[] | undefined;
}

/** The facts that the flags give. */
export function routingFrom(flags: Given): { routing?: Routing } {
  const { host: hosts, 'path-prefix': pathPrefix, scheme, 'entry-point': entryPoints, middleware: middlewares } = flags;
  const routing = {
    ...(hosts && { hosts }),
    ...(pathPrefix !== undefined && { pathPrefix }),
    ...(scheme && { scheme }),
    ...(entryPoints && { entryPoints }),
    ...(middlewares && { middlewares }),
  };
  return Object.keys(routing).length > 0 ? { routing } : {};
}

/**
 * The change that the flags ask for: facts without a flag stay as they are.
 *
 * @param before  reads what is to be changed; called only if facts are given
 */
export async function reroutingFrom(
  flags: Given & { 'no-routing'?: boolean },
  before: () => Promise<{ routing?: Routing }>,
): Promise<{ routing?: Routing | null }> {
  if (flags['no-routing']) return { routing: null };
  const { routing } = routingFrom(flags);
  return routing ? { routing: { ...(await before()).routing, ...routing } } : {};
}
