/** The reference of the command line, from the manifest of its commands. */

import { settingsOf } from './settings.js';

/** @typedef {import('../completions/commands.js').Command} Command */

/** @param {Command[]} commands */
export const commandIndex = (commands) =>
  [
    '| command | does |',
    '| --- | --- |',
    ...own(commands).map(
      ({ words, summary }) => `| [\`bender ${words}\`](#bender-${slug(words)}) | ${cell(summary)} |`,
    ),
  ].join('\n');

/** @param {Command[]} commands */
export function commandReference(commands) {
  const shared = new Set(flagsOfMost(commands).map(({ name }) => name));
  return own(commands)
    .map((command) => section(command, shared))
    .join('\n\n');
}

/** @param {Command[]} commands */
export const sharedFlags = (commands) => flagsOfMost(commands).map(flagLine).join('\n');

/** @param {string} exitCodes a line for each: the code, spaces, what it means */
export const exitCodeTable = (exitCodes) =>
  [
    '| code | meaning |',
    '| --- | --- |',
    ...exitCodes.split('\n').map((line) => `| ${line.replace(/^(\d+) +/, '$1 | ')} |`),
  ].join('\n');

const own = (commands) => commands.filter(({ isTopic }) => !isTopic);
const slug = (words) => words.replaceAll(' ', '-');

/** Described once: those that nearly all commands have. `bender apply` has them all. */
function flagsOfMost(commands) {
  const isOfMost = ({ name }) => commands.filter(({ flags }) => flags.some((one) => one.name === name)).length > 15;
  return commands.find(({ words }) => words === 'apply').flags.filter(isOfMost);
}

function section({ words, summary, description, examples, flags, args, hasProgram }, shared) {
  const settings = new Set(words === 'serve' ? settingsOf({ flags }).map(({ name }) => name) : []);
  const ownFlags = flags.filter(({ name }) => !shared.has(name) && !settings.has(name));
  const shownArgs = args.map(({ name, required }) => (required ? name.toUpperCase() : `[${name.toUpperCase()}]`));
  const needed = ownFlags.filter(({ required }) => required).map(({ name, takes }) => `--${name} ${takes}`);
  const usage = ['bender', words, ...shownArgs, ...needed, '[FLAGS]', ...(hasProgram ? ['[-- CMD]'] : [])].join(' ');
  return [
    `### bender ${words}`,
    prose(summary),
    `\`${usage}\``,
    ...(description ? [prose(description)] : []),
    [...args.map(argLine), ...ownFlags.map(flagLine)].join('\n'),
    ...(settings.size > 0 ? ['The other flags are its [settings](settings.md).'] : []),
    ...(examples.length > 0 ? ['```\n' + examples.join('\n') + '\n```'] : []),
  ].join('\n\n');
}

const argLine = ({ name, description, required, fallback }) =>
  `- \`${name.toUpperCase()}\`${required ? '' : ' (may be left out)'}: ${prose(noted(description, { fallback }))}`;

const flagLine = ({ name, char, takes, description, variable, fallback }) =>
  `- \`${char ? `-${char}, ` : ''}--${name}${takes === undefined ? '' : ` ${takes}`}\`: ${prose(noted(description, { variable, fallback }))}`;

/** With what the help adds: the variable and the default. */
function noted(text, { variable, fallback }) {
  const notes = [
    ...(variable && !text.includes(`$${variable}`) ? [`[env: ${variable}]`] : []),
    ...(['string', 'number'].includes(typeof fallback) ? [`[default: ${fallback}]`] : []),
  ];
  return [text, ...notes].join(' ');
}

/** Text of the help as Markdown: what looks like a tag or an emphasis is text. */
const prose = (text) =>
  text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replace(/[<*]/g, '\\$&') : part))
    .join('`');

const cell = (text) => prose(text).replaceAll('|', '\\|');
