/** The commands as completions and the manual need them. */

/**
 * @typedef {{name: string, char?: string, summary: string, description: string, takes?: string, values: string[],
 *   isFile: boolean, repeats: boolean, required: boolean, hasNo?: boolean, variable?: string,
 *   fallback?: unknown}} Flag
 *   `takes`: what stands for its value in the help; `hasNo`: there is a `--no-NAME`, too; `variable`: of the
 *   environment; `fallback`: its default
 * @typedef {{name: string, description: string, values: string[], isFile: boolean, required: boolean,
 *   fallback?: unknown}} Arg
 * @typedef {{words: string, summary: string, description: string, examples: string[], flags: Flag[], args: Arg[],
 *   subcommands: {name: string, summary: string}[], isTopic: boolean, hasProgram: boolean}} Command
 *   `words`: as they are typed; '' is bender itself. `hasProgram`: a program follows `--`
 */

/**
 * All commands and topics, sorted; the first is bender itself.
 *
 * @returns {Command[]}
 */
export function commandsIn({ commands: all }, topics) {
  const shown = Object.values(all).filter(({ hidden }) => !hidden);
  const commands = new Map(shown.map((command) => [wordsOf(command.id), commandFrom(command)]));
  for (const [id, { description }] of Object.entries(topics))
    if (!commands.has(wordsOf(id))) commands.set(wordsOf(id), topic(wordsOf(id), description));
  commands.set('', topic('', ''));
  for (const [words, { summary }] of commands) {
    if (words === '') continue;
    const [parent, name] = [words.split(' ').slice(0, -1).join(' '), words.split(' ').at(-1)];
    commands.get(parent).subcommands.push({ name, summary });
  }
  const sorted = [...commands.values()].sort((a, b) => (a.words < b.words ? -1 : 1));
  for (const { subcommands } of sorted) subcommands.sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted;
}

const wordsOf = (id) => id.replaceAll(':', ' ');

const topic = (words, summary) => ({
  ...{ words, summary, description: '', examples: [], flags: [], args: [], subcommands: [] },
  isTopic: true,
  hasProgram: false,
});

function commandFrom({ id, summary = '', description = '', examples = [], flags, args, usage }) {
  const words = wordsOf(id);
  const named = (text) => text.replaceAll('<%= config.bin %>', 'bender').replaceAll('<%= command.id %>', words);
  const flagList = Object.values(flags).filter(({ hidden }) => !hidden);
  return {
    ...{ words, summary: named(summary), description: named(description), subcommands: [], isTopic: false },
    examples: examples.map(named),
    flags: [...flagList.map(flagFrom), helpFlag].sort((a, b) => (a.name < b.name ? -1 : 1)),
    args: Object.values(args).map(argFrom),
    hasProgram: JSON.stringify([usage, description, examples]).includes(' -- '),
  };
}

const helpFlag = {
  ...{ name: 'help', char: 'h', summary: 'Show help.', description: 'Show help.', values: [] },
  ...{ isFile: false, repeats: false, required: false },
};

function flagFrom({
  name,
  char,
  type,
  description = '',
  summary = description,
  helpValue,
  options,
  multiple,
  required,
  allowNo,
  env,
  default: fallback,
}) {
  const said = name === 'json' ? 'Print JSON.' : description;
  return {
    ...{ name, char, description: said, summary: firstSentence(name === 'json' ? said : summary) },
    ...(type === 'option' && { takes: helpValue ?? 'VALUE' }),
    values: options ?? choicesIn(helpValue),
    isFile: isFile(helpValue),
    repeats: Boolean(multiple),
    required: Boolean(required),
    hasNo: Boolean(allowNo),
    variable: env,
    fallback,
  };
}

function argFrom({ name, description = '', options, required, default: fallback }) {
  const isOfFiles = isFile(name.toUpperCase()) || ['src', 'dest'].includes(name);
  return { name, description, values: options ?? [], isFile: isOfFiles, required: Boolean(required), fallback };
}

/** `keep|expire` */
const choicesIn = (helpValue = '') => (/^[a-z]+(\|[a-z]+)+$/.test(helpValue) ? helpValue.split('|') : []);

const isFile = (helpValue) => helpValue === 'FILE' || helpValue === 'DIR';

/** Without notes in brackets, for a list in which each has a line. */
export const firstSentence = (text) =>
  text
    .replace(/ *\[(env|default): [^\]]*\]/g, '')
    .replace(/([.;:]) .*$/s, '$1')
    .replace(/[.;:]$/, '');
