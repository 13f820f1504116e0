/** For bash 3.2 and later, without the package bash-completion. */

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const pattern = (words) => words.map(quote).join('|');

/** @param {import('./commands.js').Command[]} commands */
export function bashCompletion(commands) {
  const known = commands.filter(({ words }) => words !== '').map(({ words }) => words);
  const cases = commands.map(({ words, flags, args, subcommands }) => {
    const offered = [...subcommands.map(({ name }) => name), ...args.flatMap(({ values }) => values)];
    const names = flags.flatMap(({ name, char }) => [`--${name}`, ...(char ? [`-${char}`] : [])]);
    const files = args.some(({ isFile }) => isFile) ? ' files=1' : '';
    return `    ${quote(words)}) offered=${quote(offered.join(' '))} flags=${quote(names.join(' '))}${files} ;;`;
  });
  return `# bash completion for bender, made by its build: eval "$(bender completion bash)"
_bender() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' offered='' flags='' files='' i
  COMPREPLY=()
  # --flag=value is three words for bash.
  if [[ $cur == = ]]; then cur=''; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -- ]] && { COMPREPLY=($(compgen -c -- "$cur") $(compgen -f -- "$cur")); return; }
  done
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${command:+$command }\${COMP_WORDS[i]}" in
      ${pattern(known)}) command="\${command:+$command }\${COMP_WORDS[i]}" ;;
      *) break ;;
    esac
  done
  case "$command $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command" in
${cases.join('\n')}
  esac
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur")); return; fi
  COMPREPLY=($(compgen -W "$offered" -- "$cur"))
  [[ $files ]] && COMPREPLY+=($(compgen -f -- "$cur"))
}
complete -o bashdefault -F _bender bender
`;
}

/** What comes behind a flag that takes a value; nothing is offered for those that may be anything. */
function valueCases({ words, flags }) {
  return flags
    .filter(({ takes }) => takes)
    .map(({ name, char, values, isFile }) => {
      const flag = pattern([`${words} --${name}`, ...(char ? [`${words} -${char}`] : [])]);
      const what = isFile ? '-f' : `-W ${quote(values.join(' '))}`;
      return `    ${flag}) COMPREPLY=($(compgen ${what} -- "$cur")); return ;;`;
    });
}
