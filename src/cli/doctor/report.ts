/** How findings are shown to people. */

import { results } from '../colors.js';
import { numberOf } from '../number-of.js';
import { printable } from '../../model/printable.js';
import { checks } from './checks.js';
import type { CheckName, Finding, Level } from './finding.js';
import type { Survey } from '../survey.js';

/** Characters of a line. */
const longest = 600;

const colors = { ok: results.green, warning: results.yellow, problem: results.red };

/** A line for each check that finds nothing, and two for each finding. */
export function report({ answers, silent }: Survey, findings: readonly Finding[]): string {
  const count = answers.length + silent.length;
  const lines = (Object.keys(checks) as CheckName[]).flatMap((name) => {
    const found = findings.filter(({ check }) => check === name);
    if (found.length === 0) return [line('ok', name, checks[name])];
    return found.flatMap(({ level, daemon, message, advice }) => [
      line(level, name, daemon === undefined ? message : `${daemon}: ${message}`),
      `${' '.repeat(indent)}${printable(advice, longest)}`,
    ]);
  });
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const said = [numberOf(problems, 'problem'), numberOf(findings.length - problems, 'warning')].join(', ');
  return [...lines, '', `${answers.length} of ${numberOf(count, 'daemon')} answered: ${said}`].join('\n');
}

const markWidth = 'PROBLEM'.length;
const nameWidth = Math.max(...Object.keys(checks).map((name) => name.length));
const indent = markWidth + nameWidth + 4;

function line(level: Level | 'ok', check: CheckName, text: string): string {
  const mark = (level === 'ok' ? level : level.toUpperCase()).padEnd(markWidth);
  return `${colors[level](mark)}  ${check.padEnd(nameWidth)}  ${printable(text, longest)}`;
}
