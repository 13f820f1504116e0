/** HAProxy with the configuration of examples/haproxy. */

import { join } from 'node:path';
import type { Stage } from './stage.js';
import type { RunningProgram } from './programs.js';
import { freePorts, startProgram } from './programs.js';
import { eventually } from '../../helpers/eventually.js';

export const examples = join(import.meta.dirname, '../../../examples');

export interface Haproxy {
  /** Where it takes requests. */
  url: string;
  socket: string;
  /** What its configuration takes from the environment. */
  env: { HAPROXY_BIND: string; HAPROXY_SOCKET: string };
  process: RunningProgram;
}

/** Starts HAProxy with the configuration at `config`; answers when it takes requests. */
export async function startHaproxy(stage: Stage, config: string): Promise<Haproxy> {
  const bind = `127.0.0.1:${await freePorts()}`;
  const socket = stage.path('haproxy.sock');
  const env = { HAPROXY_BIND: bind, HAPROXY_SOCKET: socket };
  const process = stage.own(startProgram('haproxy', ['-W', '-db', '-f', config], env));
  const url = `http://${bind}/`;
  await eventually(async () => (await fetch(url)).status > 0);
  return { url, socket, env, process };
}
