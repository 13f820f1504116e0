import type { Client } from '../../client/index.js';
import type { Listed } from './catalog-text.js';

/** The catalog as it is now. Frontends come first: each then finds its backend, if one is created meanwhile. */
export async function listed(client: Pick<Client, 'backends' | 'frontends' | 'drainRules'>): Promise<Listed> {
  const frontends = await client.frontends();
  return { frontends, backends: await client.backends(), drainRules: await client.drainRules.list() };
}
