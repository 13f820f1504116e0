/** The settings of a daemon as a table, from the flags of `bender serve`. */

/** @param {import('../completions/commands.js').Command} serve */
export function settingsTable({ flags }) {
  const settings = flags.flatMap(({ name, takes, description }) => {
    const [, text, variable, fallback] = /^(.*) \[env: (BENDER_\w+)\] \[default: (.*)\]$/s.exec(description) ?? [];
    return variable ? [{ name, takes, text, variable, fallback }] : [];
  });
  const rows = settings.map(({ name, takes, text, variable, fallback }) =>
    `| \`--${name}${takes === undefined ? '' : ` ${takes}`}\`<br>\`${variable}\` | ${fallback} | ${text} |`.replace(
      /(\w)\|(?=\w)/g,
      '$1\\|',
    ),
  );
  return ['| flag, variable | default | |', '| --- | --- | --- |', ...rows].join('\n');
}
