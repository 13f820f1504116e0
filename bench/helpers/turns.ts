/** How long the turns of a daemon's event loop are, asked of the probe inside it. */

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { freePort } from '../../test/helpers/free-port.js';
import { type ServerProcess, startDaemon } from './processes.js';
import { wait } from './requests.js';

/** ms of the longest turn: by the clock, and of processor time. */
export interface LongestTurn {
  wall: number;
  cpu: number;
}

export interface ProbedDaemon extends ServerProcess {
  /** While `work` goes on, and for some ms after it. */
  longestTurn(work: () => Promise<unknown>): Promise<LongestTurn>;
}

/** What is left to do after an answer, such as telling others, is part of it. */
export const afterwardsMs = 30;

export async function startProbed(args: readonly string[]): Promise<ProbedDaemon> {
  const port = await freePort();
  const preload = new URL('turn-probe.js', import.meta.url);
  const daemon = await startDaemon({ args, preload, env: { TURN_PROBE_PORT: String(port) } });
  const ask = (): Promise<string> => text(connect(port, '127.0.0.1'));
  return {
    ...daemon,
    longestTurn: async (work) => {
      await ask();
      await work();
      await wait(afterwardsMs);
      return JSON.parse(await ask()) as LongestTurn;
    },
  };
}
