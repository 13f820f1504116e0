/** The event stream as changes only: after a gap, the missed changes are derived from the snapshot. */

import type { Caveats, ConditionEvent, EventType, Snapshot } from '../model/events.js';
import { eventTypes } from '../model/events.js';
import type { EventFilter, WatchedEvent } from './events.js';
import type { SeenEvent } from './picture.js';
import { Picture } from './picture.js';
import { call } from './warnings.js';

/** Events that are no changes. */
export interface ChangesOptions {
  /** Whether to begin with the present state, as changes that are marked `initial`. */
  initial?: boolean | undefined;
  /** Called when a snapshot had to be taken. */
  onSnapshot?: ((taken: TakenSnapshot) => void) | undefined;
  /** Called when the daemon's caveats have changed. */
  onCondition?: ((condition: ConditionEvent & { at: number } & Caveats, server: string) => void) | undefined;
}

export interface TakenSnapshot {
  snapshot: Snapshot & { at: number } & Caveats;
  server: string;
  /** Whether it is the first one; if not, the changes since the last event follow. */
  isFirst: boolean;
}

/** @param watch  opens the event stream for a filter */
export async function* changesIn(
  watch: (filter: EventFilter) => AsyncIterable<WatchedEvent>,
  { types = [], ...filter }: EventFilter,
  { onSnapshot, onCondition, initial = false }: ChangesOptions = {},
): AsyncGenerator<SeenEvent, void, undefined> {
  const picture = new Picture(initial);
  let isFirst = true;
  for await (const { event, server } of watch({ ...filter, types: withRelated(types) })) {
    if (event.type === 'snapshot') {
      const taken = { snapshot: event, server, isFirst };
      call(() => onSnapshot?.(taken));
      isFirst = false;
    }
    if (event.type === 'condition') call(() => onCondition?.(event, server));
    yield* picture.apply(event).filter(({ type }) => types.length === 0 || types.includes(type));
  }
}

/** The picture needs the online events to derive the others, so they are requested as well. */
const withRelated = (types: readonly EventType[]): EventType[] =>
  eventTypes.filter((type) => types.some((wanted) => subjectOf(wanted) === subjectOf(type)));

const subjectOf = (type: EventType): string =>
  type.includes('-') ? type.slice(0, type.lastIndexOf('-')) : 'registration';
