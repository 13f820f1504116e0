/**
 * The committed interface, and when it may be renewed. Its second line has a hash of the interface that was written,
 * and one of the unreleased part of CHANGELOG.md at that time: a changed interface needs a changed changelog, and that
 * has to name what has changed.
 */

import { createHash } from 'node:crypto';

const title = '# What scripts, programs and dashboards rely on. `npm run interface` writes this file.';

/**
 * Decides about a renewal.
 *
 * @param {string | undefined} committed  the file as it is; undefined if there is none
 * @param {string} body  the interface as it is
 * @param {string} changelog  CHANGELOG.md
 * @returns {{text: string} | {refusal: string}}  what to write, or why nothing may be written
 */
export function renewed(committed, body, changelog) {
  const before = hashesIn(committed);
  const now = { interface: hashOf(body), changelog: hashOf(unreleased(changelog)) };
  if (before && before.interface === now.interface) return { text: textOf(body, before) };
  const missing = before ? unnamed(differences(committed, body), unreleased(changelog)) : [];
  const fault = !/^- /m.test(unreleased(changelog))
    ? 'has no entry that is unreleased'
    : before?.changelog === now.changelog
      ? 'says nothing new since the interface was last written'
      : missing.length > 0 &&
        `names nowhere in its unreleased entries: ${missing.map((name) => `\`${name}\``).join(', ')}`;
  return fault
    ? { refusal: `The interface has changed, but CHANGELOG.md ${fault}: add a line for users, then npm run interface` }
    : { text: textOf(body, now) };
}

/**
 * What of the committed file is not so.
 *
 * @returns {string[]}  lines: `- ` of the file, `+ ` of the interface as it is
 */
export function differences(committed, body) {
  const [before, now] = [committed, body].map(factsIn);
  const lines = [
    ...[...before].filter((fact) => !now.has(fact)).map((fact) => `- ${fact}`),
    ...[...now].filter((fact) => !before.has(fact)).map((fact) => `+ ${fact}`),
  ];
  if (lines.length > 0) return lines;
  return committed === textOf(body, { ...hashesIn(committed), interface: hashOf(body) })
    ? []
    : ['(the same facts, but the file was not written by npm run interface)'];
}

/** The names of changed facts that no code of `entries` (`` `--wait N` ``) has as a word. */
function unnamed(changed, entries) {
  const code = [...entries.matchAll(/`([^`]+)`/g)].map(([, text]) => text).join('\n');
  const isNamed = (name) => new RegExp(`(?<!\\w|\\w-)${name}(?!\\w|-\\w)`).test(code);
  return [...new Set(changed.flatMap((line) => nameIn(line) ?? []))].filter((name) => !isNamed(name));
}

/**
 * What a changed fact is about: `--wait` of `+ commands: bender deploy --wait N, default 1`, `limit` of
 * `- requests and answers: GET /history query limit: integer`.
 */
export function nameIn(line) {
  const [, fact = ''] = /^[-+] [^:]+: (.*)$/.exec(line) ?? [];
  const [subject] = fact.split(/: |, /);
  const [, flag] = / (--[\w-]+)/.exec(subject) ?? [];
  if (flag) return flag;
  const words = subject.replace(/[:{]\w+|\([^)]*\)|\d+:\w+|\[.*?\]/g, ' ').match(/[A-Za-z_][\w-]*/g) ?? [];
  return words.filter((word) => !/^(path|query|header|body|errors)$/.test(word)).at(-1);
}

/** Lines with the title of their section, since two sections may have the same line. Without marks of a conflict. */
function factsIn(text) {
  let section;
  return new Set(
    text.split('\n').flatMap((line) => {
      if (line.startsWith('## ')) section = line.slice(3);
      return line === '' || /^(#|<{7}|={7}|>{7})/.test(line) ? [] : [`${section}: ${line}`];
    }),
  );
}

const textOf = (body, hashes) => `${title}\n# interface ${hashes.interface}, changelog ${hashes.changelog}\n\n${body}`;

/** Those of the first such line: in a conflict of git, there are two. */
function hashesIn(text = '') {
  const [, ofInterface, changelog] = /^# interface ([0-9a-f]{64}), changelog ([0-9a-f]{64})$/m.exec(text) ?? [];
  return ofInterface && { interface: ofInterface, changelog };
}

/** What lies below the heading "Unreleased". */
const unreleased = (changelog) => /^## Unreleased\n([^]*?)(?=^## |$(?![^]))/m.exec(changelog)?.[1] ?? '';

const hashOf = (text) => createHash('sha256').update(text).digest('hex');
