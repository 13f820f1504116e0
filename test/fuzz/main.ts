/**
 * `npm run fuzz -- [--target NAME] [--runs N] [--seed S] [--only NUMBER]`: hostile input of a kind, against the rule
 * that none ends a process, makes it hang, fails by a bug of ours, takes away what others registered, or changes
 * anything when it is refused.
 *
 * Each input is made from the seed and its number alone, and from the corpus. A finding prints both, and `--only
 * NUMBER` runs that input again. `--record` writes the corpus anew: see record.ts. `--guided` has a fuzzer look for new
 * coverage: see guided.ts.
 */

import { parseArgs } from 'node:util';
import { dice } from '../helpers/world.js';
import { fuzzGuided, guidedTargets } from './guided.js';
import { record } from './record.js';
import { Finding, type Target } from './target.js';
import { targets } from './targets.js';

const { values: options } = parseArgs({
  options: {
    target: { type: 'string' },
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    record: { type: 'boolean', default: false },
    guided: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seed = Number(options.seed);

/** Dice for one input; the factor keeps neighbouring seeds from sharing inputs. */
const diceFor = (number: number): (() => number) => dice(seed * 2_654_435_761 + number);

/** Whether nothing was found. */
async function fuzz(target: Target): Promise<boolean> {
  const numbers = options.only
    ? [Number(options.only)]
    : Array.from({ length: Number(options.runs) }, (_, index) => index);
  const outcomes = new Map<string, number>();
  const session = await target.open();
  const begun = performance.now();
  let done = 0;
  try {
    for (; done < numbers.length; done += target.roundSize) {
      const round = numbers.slice(done, done + target.roundSize);
      for (const outcome of await session.run(round.map(diceFor)))
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    const { index, input, message } = error;
    say(`${target.name}: FOUND: ${message}`);
    if (input) say(`  input: ${input}`);
    const number = index === undefined ? undefined : numbers[done + index];
    if (number === undefined) say(`  in the round from ${numbers[done]}, seed ${seed}`);
    else say(`  replay: npm run fuzz -- --target ${target.name} --seed ${seed} --only ${number}`);
    return false;
  } finally {
    await session.close();
  }
  const counts = [...outcomes].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
  say(`${target.name}: ${numbers.length} inputs in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  say(`  ${counts.join(', ')}`);
  for (const line of session.report()) say(`  ${line}`);
  return true;
}

/** One target after the other, or the one that was asked for. Whether nothing was found. */
async function fuzzAll(): Promise<boolean> {
  const chosen = targets.filter(({ name }) => options.target === undefined || name === options.target);
  if (chosen.length === 0) return refuse(`--target ${targets.map(({ name }) => name).join(' | ')}`);
  say(`seed ${seed}`);
  let failed = 0;
  for (const target of chosen) if (!(await fuzz(target))) failed++;
  say(`${chosen.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

function refuse(choice: string): never {
  say(`Which one? ${choice}`);
  process.exit(2);
}

if (options.record) {
  await record(say);
} else if (options.guided) {
  const target = guidedTargets.find((name) => name === options.target);
  if (!target) refuse(`--guided --target ${guidedTargets.join(' | ')}`);
  await fuzzGuided(target, Number(options.runs), seed);
} else if (!(await fuzzAll())) {
  process.exitCode = 1;
}
