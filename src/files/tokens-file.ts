/** Reading and changing a tokens file. */

import { open, readFile } from 'node:fs/promises';
import { ConflictError, InvalidError, NotFoundError } from '../model/errors.js';
import { formatTokenLine, parseTokensFile, type TokenRecord } from '../model/tokens-file.js';
import { followLinks, replaceFile } from './atomic-file.js';

/** Throws InvalidError for a file that cannot be read or has a mistake. */
export async function readTokens(path: string): Promise<TokenRecord[]> {
  return parseTokensFile(await readText(path), path);
}

/**
 * Appends a token; the rest of the file stays as it is. A new file is private to its owner. Throws ConflictError if the
 * name is in use.
 */
export async function appendToken(path: string, record: TokenRecord): Promise<void> {
  const file = await open(path, 'a+', 0o600).catch(cannotRead(path));
  try {
    const text = await file.readFile('utf8');
    if (parseTokensFile(text, path).some(({ name }) => name === record.name))
      throw new ConflictError(
        `there is a token '${record.name}' in ${path} already: choose another --name, or remove that one first`,
      );
    const before = text === '' || text.endsWith('\n') ? '' : '\n';
    await file.appendFile(before + formatTokenLine(record));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes the token of this name or id, and returns it. Throws NotFoundError. */
export async function removeToken(path: string, nameOrId: string): Promise<TokenRecord> {
  const text = await readText(path);
  const records = parseTokensFile(text, path);
  const found = records.find(({ name }) => name === nameOrId) ?? records.find(({ id }) => id === nameOrId);
  if (!found) throw new NotFoundError(`there is no token '${nameOrId}' in ${path}`);
  const lines = text.split(/(?<=\n)/).filter((line) => !isLineOf(line, found));
  await replaceFile(await followLinks(path), lines.join(''), { mode: 0o600 });
  return found;
}

const isLineOf = (line: string, { id }: TokenRecord): boolean =>
  line.trim() !== '' && !line.startsWith('#') && (JSON.parse(line) as TokenRecord).id === id;

const readText = (path: string): Promise<string> => readFile(path, 'utf8').catch(cannotRead(path));

/** Throws InvalidError for a file of tokens that cannot be read. */
export const cannotRead = (path: string) => (error: NodeJS.ErrnoException) => {
  throw new InvalidError(`tokens file ${path} cannot be read: ${error.code ?? error.message}`, {
    cause: error,
  });
};
