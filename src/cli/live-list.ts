/** `ls --watch`: a list that is asked for again whenever an event says that something has changed. */

import { type Client, type EventFilter, realTimers } from '../client/index.js';
import { BenderError } from '../model/errors.js';
import { printable } from '../model/printable.js';
import { Coalescer } from './coalescer.js';
import { localTime } from './durations.js';
import { LiveScreen } from './live-screen.js';
import { notice } from './notice.js';

/** ms: a burst of events is one change, and what has changed is shown at most half a second later. */
const burst = { min: 50, max: 500 };

/** ms after which a terminal shows ages anew, and a list is asked for again that may change without an event. */
const againMs = 5000;

export interface LiveList {
  client: Pick<Client, 'changes'>;
  /** Which events may change the list. */
  filter: EventFilter;
  /** Asks for the list, and returns it as it is to be shown. */
  ask: () => Promise<string>;
  /** Shown at a terminal, above the list. */
  title: string;
  /** Whether the list may also change without an event. */
  isSilent?: boolean;
  /** Aborts at the end. */
  signal: AbortSignal;
}

/** Shows the list until the end. Rejects if a daemon refuses to list. */
export async function showLive({ client, filter, ask, title, isSilent, signal }: LiveList): Promise<void> {
  const screen = new LiveScreen();
  const changed = new Coalescer(burst, realTimers);
  const ended = new AbortController();
  const over = AbortSignal.any([signal, ended.signal]);
  let trouble = '';
  const tell = (what: string): void => {
    if (what !== trouble && what !== '' && !screen.isTerminal) notice(what);
    trouble = what;
    changed.changed();
  };
  const follow = async (): Promise<void> => {
    const onDisconnect = ({ server, reason }: { server: string; reason: string }): void =>
      tell(`lost ${server}: ${reason}; trying again`);
    const onSnapshot = (): void => tell('');
    const onCondition = (): void => changed.changed();
    for await (const _ of client.changes(filter, { signal: over, onDisconnect, onSnapshot, onCondition }))
      changed.changed();
  };
  let text: string | undefined;
  const show = async (): Promise<void> => {
    changed.changed();
    for (;;) {
      const deadline = screen.isTerminal || isSilent ? realTimers.now() + againMs : Infinity;
      if ((await changed.next(deadline, over)) === 'aborted') return;
      try {
        text = await ask();
      } catch (error) {
        // The list stays, with the reason above it, until a daemon answers.
        if (text === undefined || !(error instanceof BenderError) || error.code !== 'UNREACHABLE') throw error;
      }
      const state = trouble === '' ? localTime(Date.now()) : printable(trouble);
      screen.show(`${title}  ${state}`, text);
    }
  };
  try {
    await Promise.all([follow(), show()]);
  } finally {
    ended.abort();
    screen.close();
  }
}
