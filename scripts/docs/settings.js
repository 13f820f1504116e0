/** The settings of a daemon as a table, from the flags of `bender serve`. */

/** @param {import('../completions/commands.js').Command} serve */
export function settingsTable(serve) {
  const rows = settingsOf(serve).map(({ name, takes, text, variable, fallback }) =>
    `| \`--${name}${takes === undefined ? '' : ` ${takes}`}\`<br>\`${variable}\` | ${fallback} | ${text} |`.replace(
      /(\w)\|(?=\w)/g,
      '$1\\|',
    ),
  );
  return ['| flag, variable | default | |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Those of its flags that are settings: the help names their variable and their default. */
export const settingsOf = ({ flags }) =>
  flags.flatMap(({ name, takes, description }) => {
    const [, text, variable, fallback] = /^(.*) \[env: (BENDER_\w+)\] \[default: (.*)\]$/s.exec(description) ?? [];
    return variable ? [{ name, takes, text, variable, fallback }] : [];
  });
