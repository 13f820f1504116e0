/** The blocks of code in a page of the documentation, as a reader copies them. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const project = join(import.meta.dirname, '../..');

/** Those of one language, in order. */
export async function blocksOf(page: string, language: string): Promise<string[]> {
  const text = await readFile(join(project, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap(([, of, block]) => (of === language ? [block!] : []));
}
