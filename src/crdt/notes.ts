/**
 * Holdings are written note by note: one text says all that is different since the last one.
 *
 * A key for each entry would be what Automerge is made for. With one writer nothing is gained by it, and a write, a
 * merge and what it leaves in memory cost by the key, however many there are of them in one change
 * (docs/decisions/0013-notes.md).
 */

/** What is said of one thing: its value, or (without one) that it is no more. */
export type Item = [kind: string, id: string] | [kind: string, id: string, value: unknown];

/** Characters after which the next note begins, so that what is sent comes in pieces that keep nobody busy for long. */
const noteSize = 64 * 1024;

/** Items as notes. */
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

/** The items of a note; what is none is left out, whatever it is. */
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
