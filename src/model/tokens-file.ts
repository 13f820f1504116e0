/** The file that has the tokens: a JSON object in each line. Lines that are empty or begin with `#` are skipped. */

import { InvalidError } from './errors.js';
import { type QuotaName, type Quotas, quotaNames, readQuotas } from './quotas.js';
import { type Role, roles, rolesWithApps } from './roles.js';

/** A token, without its secret. Its quotas bound what it may use at each daemon. */
export interface TokenRecord extends Quotas {
  id: string;
  /** Unique in its file: the author of edits in the history. */
  name: string;
  role: Role;
  /** Patterns of the apps that it is for; absent: all. */
  apps?: string[];
  /** Unix ms. */
  created: number;
  /** Unix ms; absent: it does not expire. */
  expires?: number;
  /** Of the whole token, in hex. */
  sha256: string;
}

/** Tokens in one file. */
const mostTokens = 10_000;

export const formatTokenLine = (record: TokenRecord): string => `${JSON.stringify(record)}\n`;

/** Throws InvalidError, which names the line and shows nothing of it. */
export function parseTokensFile(text: string, path: string): TokenRecord[] {
  const records: TokenRecord[] = [];
  const seen = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const record = parseLine(line);
    const fail = (why: string): never => {
      throw new InvalidError(`tokens file ${path}, line ${index + 1}: ${why}`);
    };
    if (typeof record === 'string') return fail(record);
    for (const key of [`id ${record.id}`, `name ${record.name}`]) {
      if (seen.has(key)) fail(`another token has the same ${key.split(' ', 1)[0]}`);
      seen.add(key);
    }
    if (records.push(record) > mostTokens) fail(`there are more than ${mostTokens} tokens`);
  }
  return records;
}

/** The record in a line, or what is wrong with it. */
function parseLine(line: string): TokenRecord | string {
  let value: Partial<Record<keyof TokenRecord, unknown>>;
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    return 'this is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'this is no JSON object';
  const { id, name, role, apps, created, expires, sha256, ...others } = value;
  // An unknown field may be a restriction, so it is refused.
  if (Object.keys(others).some((other) => !quotaNames.includes(other as QuotaName)))
    return 'there is a field that this version does not know';
  if (typeof id !== 'string' || !/^[0-9a-f]{8}$/.test(id)) return "'id' must be 8 hex digits";
  if (!isTokenName(name)) return "'name' must have 1 to 64 letters, digits and any of ._@-";
  if (!isRole(role)) return `'role' must be one of ${roles.join(', ')}`;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return "'sha256' must be 64 hex digits";
  if (!isTime(created)) return "'created' must be a time in Unix ms";
  if (expires !== undefined && !isTime(expires)) return "'expires' must be a time in Unix ms";
  if (apps !== undefined && !isPatterns(apps)) return "'apps' must be a list of app names, with * in them";
  if (apps !== undefined && !rolesWithApps.includes(role)) return `'apps' does not go with the role ${role}`;
  let quotas: Quotas;
  try {
    quotas = readQuotas(others, role);
  } catch (error) {
    return (error as Error).message;
  }
  return {
    ...{ id, name, role, created, sha256, ...quotas },
    ...(apps !== undefined && { apps }),
    ...(expires !== undefined && { expires }),
  };
}

/** Plain characters, since it appears in histories and logs. */
export const isTokenName = (name: unknown): name is string =>
  typeof name === 'string' && /^[\p{L}\p{N}._@-]{1,64}$/u.test(name);

/** An app name, in which `*` stands for any characters. */
export const isAppPattern = (text: unknown): text is string =>
  typeof text === 'string' && /^[^\s/\p{Cc}\p{Cf}\p{Cs}]{1,128}$/u.test(text);

const isRole = (value: unknown): value is Role => roles.some((role) => role === value);

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isPatterns = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.length <= 64 && value.every(isAppPattern);
