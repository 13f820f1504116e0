/**
 * Makes text from other programs safe for a terminal and a log.
 *
 * Registrations, reasons, names and errors come from other programs. Unescaped, they could move the cursor, change
 * colours, forge a line, or reverse the reading direction.
 */

/** Characters of one such text that are shown. */
export const textShown = 200;

/** Control and format characters (bidi marks, zero-width), halves of surrogate pairs, line and paragraph separators. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** The same without what `JSON.stringify` escapes by itself. */
const hiddenInJson = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;

const short: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/**
 * Returns `text` with invisible characters as escapes, cut to `most` characters.
 *
 *     printable('a\u001b[2Jb\n') // 'a\\x1b[2Jb\\n'
 */
export function printable(text: string, most = textShown): string {
  const isCut = text.length > most;
  const escaped = (isCut ? text.slice(0, most - 1) : text).replace(hidden, escape);
  return isCut ? `${escaped}…` : escaped;
}

function escape(character: string): string {
  const code = character.codePointAt(0)!;
  return short[character] ?? (code < 256 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`);
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** Levels of nesting that {@link printableCopy} follows. */
const deepest = 32;

/**
 * A copy of `value`, plain data, in which all texts are printable and cut to `most` characters, names of fields
 * included.
 */
export const printableCopy = <T>(value: T, most = textShown): T => copy(value, deepest, most) as T;

function copy(value: unknown, levels: number, most: number): unknown {
  if (typeof value === 'string') return printable(value, most);
  if (Array.isArray(value)) return levels > 0 ? value.map((item) => copy(item, levels - 1, most)) : '…';
  if (!isPlain(value)) return value;
  if (levels === 0) return '…';
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [printable(key, most), copy(field, levels - 1, most)]),
  );
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * `value` as JSON that is safe for a terminal. It has more escapes than `JSON.stringify` makes, and parses to the same
 * value.
 */
export const printableJson = (value: unknown, indent?: number): string =>
  escapeJson(JSON.stringify(value, null, indent));

/** The same for JSON that is text already. */
export const escapeJson = (json: string): string => json.replace(hiddenInJson, escapeUnits);

const escapeUnits = (character: string): string =>
  Array.from({ length: character.length }, (_, unit) => `\\u${hex(character.charCodeAt(unit), 4)}`).join('');

/** The stack of `error`: its message in one line, and the calls. */
export function printableStack({ name, message, stack = '' }: Error): string {
  const calls = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return [`${name}: ${printable(message, 1000)}`, ...calls.map((line) => printable(line))].join('\n');
}
