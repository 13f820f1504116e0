/** For fish: ~/.config/fish/completions/bender.fish, or sourced. */

const quote = (text) => `'${text.replace(/['\\]/g, '\\$&')}'`;

/** @param {import('./commands.js').Command[]} commands */
export function fishCompletion(commands) {
  const known = commands.filter(({ words }) => words !== '').map(({ words }) => quote(words));
  return `# fish completion for bender, made by its build: bender completion fish | source
function __bender_command
    set -l command ''
    for word in (commandline -opc)[2..]
        set -l next (string trim -- "$command $word")
        contains -- $next ${known.join(' ')}; or break
        set command $next
    end
    echo $command
end
function __bender_at
    test (__bender_command) = "$argv"
end
complete -c bender -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ words, flags, args, subcommands }) {
  const at = `complete -c bender -n ${quote(`__bender_at ${words}`)}`;
  return [
    ...subcommands.map(({ name, summary }) => `${at} -a ${quote(name)} -d ${quote(summary)}`),
    ...args.filter(({ values }) => values.length > 0).map(({ values }) => `${at} -a ${quote(values.join(' '))}`),
    ...(args.some(({ isFile }) => isFile) ? [`${at} -F`] : []),
    ...flags.map((flag) => `${at} ${optionOf(flag)}`),
  ];
}

function optionOf({ name, char, summary, takes, values, isFile }) {
  const value = [
    // Without files, unless it is one.
    ...(takes === undefined ? [] : isFile ? ['-r', '-F'] : ['-x']),
    ...(values.length > 0 ? ['-a', quote(values.join(' '))] : []),
  ];
  return ['-l', name, ...(char ? ['-s', char] : []), ...value, '-d', quote(summary)].join(' ');
}
