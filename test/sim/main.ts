/** `npm run sim -- --runs N --seed S [--faults a,b] [--bail] [--verbose]`: random runs of whole clusters, checked. */

import { parseArgs } from 'node:util';
import { allFaults, type Fault } from './faults.js';
import { runScenario } from './scenario.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    faults: { type: 'string' },
    bail: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const faults = values.faults === undefined ? allFaults : (values.faults.split(',') as Fault[]);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const failed: number[] = [];
const convergence: number[] = [];
let [decided, updated, ruled, ended] = [0, 0, 0, 0];
const begun = performance.now();

for (let seed = first; seed < first + Number(values.runs); seed++) {
  const {
    violations,
    faults: happened,
    converged,
    decisions,
    updates,
    ruled: drainedByRule,
    ends,
  } = await runScenario({
    seed,
    faults,
    ...(values.verbose ? { narrate: say } : {}),
  });
  convergence.push(converged);
  decided += decisions;
  updated += updates;
  ruled += drainedByRule;
  ended += ends;
  if (violations.length === 0) continue;
  failed.push(seed);
  say(`seed ${seed}:\n  ${happened.join('\n  ')}\n  VIOLATIONS\n  ${violations.slice(0, 6).join('\n  ')}`);
  if (values.bail) break;
}

convergence.sort((a, b) => a - b);
const at = (part: number): string => convergence[Math.floor(part * (convergence.length - 1))]!.toFixed(0);
say(`converged after the last fault within p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms (virtual)`);
say(`saw ${decided} times what had been decided of an instance, ${updated} times what it had said last,`);
say(`${ruled} times an instance that a drain rule drains, and ${ended} times that a drain had ended by itself`);
say(`took ${((performance.now() - begun) / 1000).toFixed(0)} s; first seed ${first}`);
if (failed.length > 0) say(`replay with: npm run sim -- --runs 1 --seed ${failed[0]} --verbose`);
say(`${convergence.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
