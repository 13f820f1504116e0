/** Data as YAML that is safe for a terminal. */

import { stringify } from 'yaml';
import { printable, printableJson } from '../model/printable.js';

/** Ends with a line break. */
export function yamlText(value: unknown): string {
  const yaml = stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
  // JSON, which is also YAML, escapes control characters of terminals.
  return yaml.split('\n').every((line) => printable(line, Infinity) === line) ? yaml : `${printableJson(value, 2)}\n`;
}
