/** What listens at an address that a daemon was to listen at. */

import ms from 'ms';
import { Client } from '../client/index.js';
import { printable } from '../model/printable.js';
import { hostPort } from '../model/registration.js';

/** Milliseconds that it has to identify itself. */
const timeoutMs = 1000;

/** Returns `a bender daemon (NAME, up 8m)`, or `something else`. */
export async function whoListens(host: string, port: number): Promise<string> {
  const asked = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  try {
    const client = new Client({ servers: [`http://${hostPort({ host: asked, port })}`], timeoutMs });
    const { name, uptime } = await client.status();
    return `a bender daemon (${printable(name)}, up ${ms(uptime)})`;
  } catch {
    return 'something else';
  }
}
