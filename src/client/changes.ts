/** Events as changes alone: what a watcher may have missed comes as the changes that it must have been. */

import type { Caveats, ConditionEvent, EventType, Snapshot } from '../model/events.js';
import { eventTypes } from '../model/events.js';
import type { EventFilter, WatchedEvent } from './events.js';
import type { SeenEvent } from './picture.js';
import { Picture } from './picture.js';

/** What changes leave out. */
export interface ChangesOptions {
  /** Whether to begin with what is there already, as changes that are marked `initial`. */
  initial?: boolean;
  /** Told when a snapshot had to be taken. */
  onSnapshot?: (taken: TakenSnapshot) => void;
  /** Told when the daemon's caveats are others than they were. */
  onCondition?: (condition: ConditionEvent & { at: number } & Caveats, server: string) => void;
}

export interface TakenSnapshot {
  snapshot: Snapshot & { at: number } & Caveats;
  server: string;
  /** Whether it is the one to begin with; if not, the changes since the last event follow. */
  isFirst: boolean;
}

/** @param watch  opens the stream of events for a filter */
export async function* changesIn(
  watch: (filter: EventFilter) => AsyncIterable<WatchedEvent>,
  { types = [], ...filter }: EventFilter,
  { onSnapshot, onCondition, initial = false }: ChangesOptions = {},
): AsyncGenerator<SeenEvent, void, undefined> {
  const picture = new Picture(initial);
  let isFirst = true;
  for await (const { event, server } of watch({ ...filter, types: withRelated(types) })) {
    if (event.type === 'snapshot') {
      onSnapshot?.({ snapshot: event, server, isFirst });
      isFirst = false;
    }
    if (event.type === 'condition') onCondition?.(event, server);
    yield* picture.apply(event).filter(({ type }) => types.length === 0 || types.includes(type));
  }
}

/** A picture that is told of offline alone would not know what has come online. */
const withRelated = (types: readonly EventType[]): EventType[] =>
  eventTypes.filter((type) => types.some((wanted) => subjectOf(wanted) === subjectOf(type)));

const subjectOf = (type: EventType): string => (type.includes('-') ? type.split('-')[0]! : 'registration');
