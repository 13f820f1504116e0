/** What `bender template` prints: what it has rendered on stdout, anything else on stderr. */

import { results } from '../colors.js';
import { exactly } from '../durations.js';
import { notice } from '../notice.js';
import type { RenderOptions } from './render.js';

/** With `json`, one object a line instead of words. */
export function templateReport(json: boolean): Omit<RenderOptions, 'signal'> {
  let troubled = '';
  return {
    onFollowing: (server) => {
      troubled = '';
      notice(`following ${server}`);
    },
    onDisconnect: ({ reason }) => {
      // The same trouble again, at the next attempt, is no news.
      if (reason !== troubled) notice(`waiting for a daemon (${reason}); what is rendered stays`);
      troubled = reason;
    },
    listener: {
      rendered: (dest) =>
        void process.stdout.write(
          json
            ? `${JSON.stringify({ type: 'rendered', dest, at: Date.now() })}\n`
            : `${results.dim(new Date().toTimeString().slice(0, 8))}  ${results.green('rendered')}  ${dest}\n`,
        ),
      kept: (dest, kept) => {
        for (const what of kept) notice(`${dest}: ${what} (see --allow-empty)`);
        if (kept.length === 0) notice(`${dest}: as the registry has it again`);
      },
      failed: (dest, { message }, againMs) =>
        notice(`${dest} stays as it was: ${message}; trying again in ${exactly(Math.round(againMs / 100) * 100)}`),
    },
  };
}
