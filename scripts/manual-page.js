/** bender(1), in the macros of man(7). */

/**
 * @param {import('./completions/commands.js').Command[]} commands
 * @param {{version: string, exitCodes: string, whichDaemon: string}} shared  what `bender help` says of all commands
 */
export function manualPage(commands, { version, exitCodes, whichDaemon }) {
  const each = commands.filter(({ isTopic }) => !isTopic);
  const global = flagsOfMost(each);
  return `${[
    `.TH BENDER 1 "" "bender ${version}" "bender"`,
    '.SH NAME',
    'bender \\- a distributed, expiring, masterless service registry',
    '.SH SYNOPSIS',
    '.B bender',
    '.I COMMAND\n[\\fIARGUMENTS\\fR] [\\fIFLAGS\\fR]',
    '.SH DESCRIPTION',
    roff(whichDaemon),
    '.SH COMMANDS',
    ...each.flatMap((command) => section(command, global)),
    '.SH FLAGS OF MOST COMMANDS',
    ...global.flatMap(flag),
    '.SH EXIT STATUS',
    ...exitCodes.split('\n').flatMap((line) => {
      const [, code, meaning] = /^(\d+) +(.*)$/.exec(line);
      return ['.TP', `.B ${code}`, roff(meaning)];
    }),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([name, meaning]) => ['.TP', `.B ${name}`, roff(meaning)]),
    '.SH FILES',
    '.TP',
    '.I $XDG_STATE_HOME/bender/PORT.pid, PORT.log',
    roff("The process and the log of a daemon that 'bender serve --detach' has started (~/.local/state/bender)."),
    '.SH SEE ALSO',
    roff('The documents of the package: bender help names their folder.'),
  ].join('\n')}\n`;
}

const environment = [
  ['BENDER_SERVER', 'URLs of the daemons to ask, separated by commas.'],
  ['BENDER_TOKEN, BENDER_TOKEN_FILE', 'The token to show to them, or a file with it.'],
  ['BENDER_AUTHOR', 'Who makes an edit of a backend or frontend, for the history.'],
  ['BENDER_...', "Each setting of 'bender serve' is a variable as well: --peer-timeout is BENDER_PEER_TIMEOUT."],
  ['NO_COLOR', 'No colours.'],
];

/** Flags that nearly all commands have are described once. */
const flagsOfMost = (commands) =>
  commands
    .find(({ words }) => words === 'apply')
    .flags.filter(({ name }) => commands.filter(({ flags }) => flags.some((one) => one.name === name)).length > 15);

function section({ words, summary, description, examples, flags, args }, global) {
  const own = flags.filter(({ name }) => !global.some((one) => one.name === name));
  const shown = args.map(({ name, required }) => (required ? name.toUpperCase() : `[${name.toUpperCase()}]`));
  return [
    `.SS "bender ${words} ${shown.join(' ')}"`.replace(' "', ' "').replace(/ "$/, '"'),
    roff(summary),
    ...description
      .split('\n\n')
      .filter(Boolean)
      .flatMap((text) => ['.PP', roff(text)]),
    ...own.flatMap(flag),
    ...(examples.length > 0 ? ['.PP', 'Examples:', '.PP', '.nf', '.RS', ...examples.map(roff), '.RE', '.fi'] : []),
  ];
}

function flag({ name, char, takes, description }) {
  const value = takes === undefined ? '' : ` \\fI${roff(takes)}\\fR`;
  const short = char ? `\\fB\\-${char}\\fR, ` : '';
  return ['.TP', `${short}\\fB${roff(`--${name}`)}\\fR${value}`, roff(description)];
}

/** Text as it is: a dot or a quote at the beginning of a line would be a macro. */
const roff = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
