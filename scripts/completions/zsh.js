/** For zsh: a file `_bender` in a folder of $fpath, or sourced. */

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
/** In a description of _arguments, brackets and colons mean something. */
const plain = (text) => text.replace(/[\\[\]:]/g, '\\$&');

/** @param {import('./commands.js').Command[]} commands */
export function zshCompletion(commands) {
  return `#compdef bender
# zsh completion for bender, made by its build: source <(bender completion zsh), or a file _bender in a folder of $fpath
_bender() {
  local command='' next
  while (( CURRENT > 2 )); do
    next="\${command:+$command }$words[2]"
    case $next in
      ${commands
        .filter(({ words }) => words !== '')
        .map(({ words }) => quote(words))
        .join('|')}) command=$next; shift words; (( CURRENT-- )) ;;
      *) break ;;
    esac
  done
  case $command in
${commands.map(caseOf).join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _bender "$@"; else compdef _bender bender; fi
`;
}

function caseOf({ words, flags, args, subcommands, hasProgram }) {
  const listed = subcommands.map(({ name, summary }) => quote(`${name}:${summary}`)).join(' ');
  const first = listed && `_describe 'command' '(${listed.replaceAll("'", `'\\''`)})'`;
  const specs = [
    ...flags.flatMap(flagSpecs),
    ...args.map(argSpec),
    ...(hasProgram ? ["'*:: :_normal -p bender'"] : []),
  ];
  const offered = `_arguments -s -S ${specs.join(' ')}`;
  const body = specs.length === 0 ? first : first ? `(( CURRENT == 2 )) && ${first}; ${offered}` : offered;
  return `    ${quote(words)}) ${body} ;;`;
}

function flagSpecs({ name, char, summary, takes, values, isFile, repeats }) {
  const value = takes === undefined ? '' : `:${plain(takes)}:${actionFor(values, isFile)}`;
  const about = `[${plain(summary)}]${value}`;
  const star = repeats ? '*' : '';
  const long = `${star}--${name}${takes === undefined ? '' : '='}${about}`;
  return [quote(long), ...(char ? [quote(`${star}-${char}${about}`)] : [])];
}

const argSpec = ({ name, values, isFile, required }) =>
  quote(`${required ? ':' : '::'}${plain(name)}:${actionFor(values, isFile)}`);

const actionFor = (values, isFile) => (isFile ? '_files' : values.length > 0 ? `(${values.join(' ')})` : ' ');
