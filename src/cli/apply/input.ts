import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { InvalidError } from '../../model/errors.js';

/** The name of the file, for errors. */
export const nameOf = (file: string): string => (file === '-' ? 'standard input' : file);

/** The content of a file that the user names; `-` is standard input. Throws InvalidError if it cannot be read. */
export async function contentOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new InvalidError(`cannot read ${file}: ${(error as Error).message.split(', ')[0]}`, {
      cause: error,
    });
  }
}
