/** Where the text of a mutation stands in the source, whichever file that is in and however it is wrapped there. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is mutated. */
const folders = ['src/daemon/core', 'src/crdt'];

/** All their files: path and text. */
export function sources(root) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => {
        const file = join(folder, name);
        return { file, text: readFileSync(join(root, file), 'utf8') };
      }),
  );
}

/** Text without its white space, and for each character that is left where it stood. */
function squeezed(text) {
  const at = [...text].flatMap((character, index) => (/\s/.test(character) ? [] : [index]));
  return { text: at.map((index) => text[index]).join(''), at };
}

/** Each place of `wanted` in `text`: from, to. */
function* placesIn(text, wanted) {
  const { text: source, at } = squeezed(text);
  const piece = squeezed(wanted).text;
  for (let index = source.indexOf(piece); index >= 0; index = source.indexOf(piece, index + 1))
    yield [at[index], at[index + piece.length - 1] + 1];
}

/** The file of a mutation, and its text after it. Throws if the text does not stand in the sources once. */
export function mutated({ name, from, to }, files) {
  const found = files.flatMap(({ file, text }) =>
    [...placesIn(text, from)].map(([begin, end]) => ({
      file,
      source: text.slice(0, begin) + to + text.slice(end),
    })),
  );
  if (found.length !== 1)
    throw new Error(`'${name}': its text stands ${found.length} times in the sources, not once:\n${from}`);
  return found[0];
}
