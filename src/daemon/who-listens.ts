/** What listens at an address that a daemon was to listen at. */

import ms from 'ms';
import { exchange } from '../client/http.js';
import type { Status } from '../model/daemon.js';
import { printable } from '../model/printable.js';
import { hostPort } from '../model/registration.js';

/** Milliseconds that it has to say who it is. */
const timeoutMs = 1000;

/** Returns `a bender daemon (NAME, up 8m)`, or `something else`. */
export async function whoListens(host: string, port: number): Promise<string> {
  const asked = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  const request = { method: 'GET', path: '/status', timeoutMs, ofDaemon: true } as const;
  try {
    const { status, body, isBender } = await exchange(`http://${hostPort({ host: asked, port })}`, request);
    if (!isBender || status !== 200) return isBender ? 'a bender daemon' : 'something else';
    const { name, uptime } = JSON.parse(body) as Status;
    return `a bender daemon (${printable(name)}, up ${ms(uptime)})`;
  } catch {
    return 'something else';
  }
}
