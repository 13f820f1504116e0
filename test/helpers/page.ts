/** The blocks of code in a page of the documentation, as a reader copies them. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeBlocksOf } from './markdown.js';

const project = join(import.meta.dirname, '../..');

/** Those of one language, in order. */
export async function blocksOf(page: string, language: string): Promise<string[]> {
  const text = await readFile(join(project, page), 'utf8');
  return codeBlocksOf(text).flatMap(([of, block]) => (of === language ? [block] : []));
}

/** The block of this language that begins so. */
export async function blockOf(page: string, beginning: string, language = 'sh'): Promise<string> {
  const found = (await blocksOf(page, language)).filter((block) => block.startsWith(beginning));
  if (found.length !== 1) throw new Error(`${page} has ${found.length} blocks that begin with "${beginning}"`);
  return found[0]!;
}

export interface Step {
  /** What is typed. */
  commands: string;
  /** What the page shows of the output; empty if it shows nothing. */
  shown: string;
}

/** The commands under a heading, each block with the output that the page shows below it. */
export async function stepsUnder(page: string, heading: string): Promise<Step[]> {
  const text = await readFile(join(project, page), 'utf8');
  const [, rest] = text.split(`\n## ${heading}\n`);
  if (rest === undefined) throw new Error(`${page} has no heading "${heading}"`);
  const steps: Step[] = [];
  for (const [language, block] of codeBlocksOf(rest.split('\n## ')[0]!)) {
    if (language === 'sh') steps.push({ commands: block, shown: '' });
    else if (language === '' && steps.length > 0) steps.at(-1)!.shown = block;
  }
  return steps;
}

/**
 * Lines without what differs from run to run: ports and other numbers, times, ids, the caller. Versions and addresses
 * stay.
 */
export const shapeOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) =>
      line
        .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\b[0-9a-f]{12}\b/g, 'N')
        .replace(/\b[\w-]+@[a-z][\w.-]*/g, 'WHO')
        .replace(/\d+(\.\d+){2,3}|\d+(\.\d+)?(ms|us|m|s|k|[KM]B|%)?/g, (found, parts?: string) => (parts ? found : 'N'))
        // A column that may be unknown at the moment.
        .replace(/(?<=\s)-(?=\s|$)/g, 'N')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '');

/** The lines of `shown` that `output` has not, in this order. Other lines may stand between them. */
export function missingFrom(output: string, shown: string): string[] {
  const lines = shapeOf(output);
  let at = 0;
  return shapeOf(shown).filter((line) => {
    const found = lines.indexOf(line, at);
    if (found < 0) return true;
    at = found + 1;
    return false;
  });
}
