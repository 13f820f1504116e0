/**
 * One random run: daemons, services that live and die, and a seeded sequence of faults; then quiet, and the
 * question whether everybody agrees on the truth.
 */

import { CatalogWrites } from './catalog-writes.js';
import { CheckedServices } from './checked.js';
import { allFaults, type Fault, strike } from './faults.js';
import { RuleWrites } from './rule-writes.js';
import { Services } from './services.js';
import { Stage } from './stage.js';
import { type Variety, varietyOf } from './variety.js';

export interface Outcome {
  seed: number;
  violations: string[];
  faults: string[];
  /** ms until all views were equal after the last fault was over. */
  converged: number;
  /** How often a daemon was found to show what must have been decided, and what a service must have said last. */
  decisions: number;
  updates: number;
  /** How often a daemon was found to show an instance as drained by a rule. */
  ruled: number;
  /** How often the end of a drain was found when it was due. */
  ends: number;
}

export interface ScenarioOptions {
  seed: number;
  faults?: readonly Fault[];
  /** What is to be other than this seed has it. */
  variety?: Partial<Variety>;
  /** Called with each line of what happens. */
  narrate?: (line: string) => void;
}

/** ms within which views are to be equal after a fault. */
const convergence = 2000;

class Scenario {
  readonly #variety: Variety;
  readonly #stage: Stage;
  readonly #services: Services;
  readonly #catalog: CatalogWrites;
  readonly #checked: CheckedServices;
  readonly #rules: RuleWrites;

  constructor(private readonly options: ScenarioOptions) {
    this.#variety = { ...varietyOf(options.seed), ...options.variety };
    this.#stage = new Stage(options.seed, this.#variety, options.narrate);
    this.#services = new Services(this.#stage, this.#variety);
    this.#catalog = new CatalogWrites(this.#stage);
    this.#checked = new CheckedServices(this.#stage, options.seed);
    this.#rules = new RuleWrites(this.#stage, options.seed);
  }

  async run(): Promise<Outcome> {
    const { world, truth, checker, below, chance } = this.#stage;
    this.#stage.note(JSON.stringify(this.#variety));
    const longest = Math.max(...this.#variety.ttls);
    for (let index = 0; index < this.#variety.size; index++) await this.#stage.boot(`d${index}`);
    await world.advance(2000);
    truth.survey();
    for (let index = 3 + below(6); index > 0; index--) this.#services.spawn();
    this.#checked.begin(this.#variety.checked);
    await world.advance(6000 + below(8000));

    this.#services.scheduleOrders();
    this.#rules.schedule();
    for (let index = 2 + below(4); index > 0; index--) {
      await strike(this.#stage, this.#catalog, this.options.faults ?? allFaults);
      await world.advance(below(6000));
      if (chance(0.6)) this.#services.spawn();
      if (this.#variety.manyDeletes) this.#services.churn();
      else if (chance(0.5)) await world.complete(this.#services.endOne());
      if (chance(0.3)) this.#catalog.write();
      this.#rules.schedule();
      this.#services.scheduleOrders();
    }
    await this.#calm();
    const converged = await this.#converge();
    await world.advance(9000 + longest);
    checker.checkStories();
    checker.checkAddresses();
    checker.checkTruth(new Set(this.#services.alive.map(({ life }) => life.id)));
    this.#checked.check();
    const decisions = checker.checkDecisions();
    const ruled = this.#rules.check();
    const updates = checker.checkUpdates(this.#services.clients);
    this.#services.stopAll();
    this.#checked.end();
    await world.advance(14_000 + 2 * longest);
    checker.checkTruth(new Set());
    this.#checked.check();
    this.#catalog.check();
    checker.checkLogs();
    const difference = checker.difference();
    if (difference) checker.report('convergence', difference);
    const { violations } = checker;
    return {
      seed: this.options.seed,
      violations,
      faults: this.#stage.happened,
      converged,
      decisions,
      updates,
      ruled,
      ends: checker.drains.ends,
    };
  }

  /** Ends all faults and brings everyone back. */
  async #calm(): Promise<void> {
    this.#stage.repair();
    for (const host of this.#stage.places) this.#stage.goOn(host);
    for (const host of this.#stage.places) if (!host.daemon) await this.#stage.boot(host.name);
    this.#stage.truth.survey();
    this.#stage.note('calm');
  }

  /** ms until all views are equal and stay so for a moment. */
  async #converge(): Promise<number> {
    const { world, checker } = this.#stage;
    const begun = world.time;
    while (world.time - begun < convergence) {
      if (!checker.difference()) return world.time - begun;
      await world.advance(20);
    }
    // Services come and go meanwhile: what differs for a moment only is on its way.
    for (let index = 0; index < 20; index++) {
      if (!checker.difference()) return world.time - begun;
      await world.advance(20);
    }
    checker.report('convergence', `views differ 2 s after the last fault\n${checker.difference()}`);
    return world.time - begun;
  }
}

export const runScenario = (options: ScenarioOptions): Promise<Outcome> => new Scenario(options).run();
