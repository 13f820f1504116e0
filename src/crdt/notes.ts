/**
 * Holdings are written as notes: each note is one text with everything that has changed since the last one.
 *
 * One key per entry would be the usual way with Automerge. With one writer it gains nothing, and the cost of a write, a
 * merge and the memory grows with the number of keys (docs/decisions/0013-notes.md).
 */

/** The new value of one item, or (without a value) its removal. */
export type Item = [kind: string, id: string] | [kind: string, id: string, value: unknown];

/** Characters after which the next note begins, so that the pieces that are sent take only a short time to merge. */
const noteSize = 64 * 1024;

/** Packs items into notes. */
export function* notesOf(items: Iterable<Item>): Iterable<string> {
  let texts: string[] = [];
  let size = 0;
  for (const item of items) {
    const text = JSON.stringify(item);
    texts.push(text);
    size += text.length;
    if (size < noteSize) continue;
    yield `[${texts.join()}]`;
    [texts, size] = [[], 0];
  }
  if (texts.length > 0) yield `[${texts.join()}]`;
}

/** The items of a note. Anything else in it is ignored. */
export function readNote(text: string): Item[] {
  try {
    const items = JSON.parse(text) as unknown;
    return Array.isArray(items) ? items.filter(isItem) : [];
  } catch {
    return [];
  }
}

const isItem = (item: unknown): item is Item =>
  Array.isArray(item) &&
  (item.length === 2 || item.length === 3) &&
  typeof item[0] === 'string' &&
  typeof item[1] === 'string';
