/**
 * What the views show, as signals. Events are gathered for one frame and applied together; then only the signals of
 * what has changed are set, so that only those parts of the page are drawn.
 */

import { batch, type Signal, signal } from '@preact/signals';
import type { SeenEvent } from '../client/picture.js';
import type { DaemonInfo, Status } from '../model/daemon.js';
import type { BenderEvent, Caveats } from '../model/events.js';
import type { Registration } from '../model/registration.js';
import { lookAtAccess } from './access.js';
import { api, ApiError, token } from './api.js';
import { Board, type Group, type GroupKey, nothingTouched, type Touched } from './state/board.js';
import { Curves } from './state/curves.js';
import { Ring } from './state/ring.js';
import { EventStream } from './stream.js';

/** Whether events come: `refused` if the daemon has said why not. */
export type Connection = 'connecting' | 'open' | 'lost' | 'refused';

export const board = new Board();
export const curves = new Curves(board);
export const events = new Ring<SeenEvent>(2000);

export const connection = signal<Connection>('connecting');
export const refusal = signal<ApiError | undefined>(undefined);
export const caveats = signal<Caveats>({});
/** Whether a snapshot has come, so that there is something to show. */
export const hasView = signal(false);
/** These count up: what reads one is drawn again. */
export const structure = signal(0);
export const catalog = signal(0);
export const total = signal(0);
export const eventCount = signal(0);
export const status = signal<Status | undefined>(undefined);
export const daemons = signal<DaemonInfo[]>([]);

const groupSignals = new Map<GroupKey, Signal<number>>();

/** The group as it is now. The component that calls this is drawn again when the group changes. */
export function useGroup(key: GroupKey): Group | undefined {
  let changed = groupSignals.get(key);
  if (!changed) groupSignals.set(key, (changed = signal(0)));
  void changed.value;
  return board.groups.get(key);
}

let waiting: BenderEvent[] = [];

function receive(event: BenderEvent): void {
  waiting.push(event);
  if (waiting.length > 1) return;
  requestAnimationFrame(applyWaiting);
  // Browsers draw no frames of a page that is not seen.
  setTimeout(applyWaiting, unseenMs);
}

const unseenMs = 250;

function applyWaiting(): void {
  if (waiting.length === 0) return;
  const touched = nothingTouched();
  const arrived = waiting;
  waiting = [];
  for (const event of arrived) for (const seen of board.take(event, touched)) if (!seen.initial) events.push(seen);
  const { warming, stale } = arrived.at(-1) ?? {};
  curves.note(touched.groups, Date.now() / 1000);
  batch(() => {
    if (arrived.some(({ type }) => type === 'snapshot')) hasView.value = true;
    if (warming !== caveats.value.warming || stale !== caveats.value.stale)
      caveats.value = { ...(warming && { warming }), ...(stale && { stale }) };
    draw(touched);
    total.value = board.total;
    eventCount.value += arrived.length;
  });
  if (touched.daemons) void lookAtDaemons();
}

function draw(touched: Touched): void {
  for (const key of touched.groups) {
    const changed = groupSignals.get(key);
    if (changed) changed.value++;
  }
  if (touched.structure) structure.value++;
  if (touched.catalog) catalog.value++;
}

/** Takes a list of the unhealthy instances in: see {@link Board.takeUnhealthy}. */
export function listUnhealthy(listed: readonly Registration[], asked: ReadonlyMap<string, Registration>): void {
  const touched = nothingTouched();
  board.takeUnhealthy(listed, asked, touched);
  batch(() => draw(touched));
}

const stream = new EventStream(
  {
    onEvent: receive,
    onOpen: () => {
      refusal.value = undefined;
      connection.value = 'open';
      void lookAtDaemons();
      void lookAtAccess();
    },
    onLost: (error) => {
      refusal.value = error;
      connection.value = error ? 'refused' : 'lost';
    },
  },
  document.hidden,
);

/**
 * ms after which a page that is not seen closes its stream. A browser has six connections to a daemon for all of its
 * tabs: six streams would leave none for anything else.
 */
const restAfterMs = 60_000;

function restWhileUnseen(): void {
  let timer = 0;
  const rest = (): void => {
    // A dialog may wait for what the stream says.
    if (document.querySelector('dialog')) return;
    stream.rest();
    connection.value = 'connecting';
  };
  document.addEventListener('visibilitychange', () => {
    clearInterval(timer);
    if (document.hidden) timer = window.setInterval(rest, restAfterMs);
    else if (connection.value !== 'open') stream.restart();
  });
}

/** ms between looks at what no event says: how daemons are linked, and how far they are behind. */
const lookEveryMs = 2000;

export async function lookAtDaemons(): Promise<void> {
  try {
    const [of, all] = await Promise.all([api.status(), api.daemons()]);
    batch(() => {
      status.value = of;
      daemons.value = all;
    });
  } catch (error) {
    // The stream says that the daemon is gone.
    if (!(error instanceof ApiError)) throw error;
  }
}

export function start(): void {
  restWhileUnseen();
  setInterval(() => {
    if (!document.hidden && connection.value === 'open') void lookAtDaemons();
  }, lookEveryMs);
  let last = token.value;
  token.subscribe((now) => {
    // What the token let the user see is no longer shown either.
    if (now === '' && last !== '') location.reload();
    else if (now !== last) stream.restart();
    last = now;
  });
}
