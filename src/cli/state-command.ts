/** The base of `drain` and `undrain`, which select registrations and decide about each. */

import { Args, Flags } from './oclif.js';
import type { Client } from '../client/index.js';
import { NotFoundError } from '../model/errors.js';
import { UsageError } from './usage-error.js';
import { type DrainRule, formatScope } from '../model/drain-rule.js';
import { ignoreGone } from '../model/drained.js';
import type { Address, Registration, RegistrationState } from '../model/registration.js';
import { formatId, parseId } from '../model/registration.js';
import { instanceFlag } from './address.js';
import { CatalogCommand, type forceFlag } from './catalog-command.js';
import { drainEnd, type endFlags, leftUntil } from './drain-end.js';
import { each } from './each.js';
import { addRule, endRules, refuseRuled, ruleLine, type Scope } from './drain-rules.js';
import { localTime } from './durations.js';
import { queryFlags, yesFlag } from './flags.js';
import { notice } from './notice.js';
import { numberOf } from './number-of.js';

export abstract class StateCommand extends CatalogCommand {
  static override args = {
    id: Args.string({
      ignoreStdin: true,
      name: 'id',
      description: "APP/VERSION/HOST/PORT, as 'bender ls' shows it. Give several ids, or the flags.",
    }),
  };
  static override flags = {
    app: Flags.string({ ...queryFlags.app, description: 'All instances of this app that are online.' }),
    version: Flags.string({ ...queryFlags.version, dependsOn: ['app'] }),
    rule: Flags.boolean({
      dependsOn: ['app'],
      exclusive: ['instance', 'for', 'until'],
      description: 'The drain rule for this app or version, which also holds for instances that come later.',
    }),
    instance: instanceFlag,
    yes: yesFlag,
    reason: Flags.string({ helpValue: 'TEXT', description: "Why. Shown by 'bender ls' and 'bender watch'." }),
  };

  /** Drains or undrains what the arguments name. Returns it as it is now. */
  protected async decide(draining: boolean): Promise<Registration[] | DrainRule[]> {
    const { argv, flags } = await this.parse(
      this.ctor as typeof StateCommand & { flags: { force?: typeof forceFlag } & Partial<typeof endFlags> },
    );
    const client = this.client(flags);
    const { reason, instance } = flags;
    if (instance !== undefined && argv.length !== 1) throw new UsageError('--instance is about one id');
    const [ids, scope] = [argv as string[], scopeIn(flags)];
    if ((ids.length === 0) === (scope === undefined)) throw new UsageError('give ids, or --app');
    if (flags.force && !flags.rule) throw new UsageError('--force is about --rule');
    if (scope && flags.rule && draining) {
      const rule = await addRule(client, scope, { reason, force: flags.force ?? false });
      this.log(ruleLine(rule));
      return [rule];
    }
    // Asked for before rules end: those that they drain take part again by that.
    const online = scope && !flags.rule ? await client.registrations(scope) : [];
    const ended = scope && !draining ? await endRules(client, scope) : [];
    for (const { name } of ended) this.log(`ended rule ${name}`);
    if (flags.rule && ended.length === 0) throw new NotFoundError(`there is no drain rule for ${formatScope(scope!)}`);
    if (flags.rule) return ended;
    if (scope && online.length + ended.length === 0)
      throw new NotFoundError(`nothing of ${formatScope(scope)} is online`);
    if (!draining) return this.#undrain(client, { scope, online, ids, reason, instance });

    const endsAt = drainEnd(flags, Date.now());
    const until = endsAt === undefined ? '' : ` until ${localTime(endsAt)}`;
    if (scope && !flags.yes) await this.#askIfNothingIsLeft(client, scope, online);
    const drained: Registration[] = [];
    this.done = drained;
    const drain = async (address: Address): Promise<void> => {
      const state: RegistrationState = {
        draining: true,
        ...(reason !== undefined && { reason }),
        ...(endsAt !== undefined && { forMs: leftUntil(endsAt) }),
      };
      drained.push(await client.setState(address, state, { instance }));
      this.log(`draining ${formatId(address)}${until}`);
    };
    if (scope) for (const one of online) await drain(one).catch(ignoreGone);
    else await each(ids.map(parseId), drain);
    return drained;
  }

  /** Returns those that were named, or those of the scope that were draining, as they are now. */
  async #undrain(client: Client, { scope, online, ids, reason, instance }: Undraining): Promise<Registration[]> {
    const undrained: Registration[] = [];
    this.done = undrained;
    const undrain = async (address: Address, wasDraining: boolean): Promise<void> => {
      const state = { draining: false, ...(reason !== undefined && { reason }) };
      const now = await client.setState(address, state, { instance });
      undrained.push(now);
      if (now.drainRule === undefined) this.log(wasDraining ? `undrained ${now.id}` : `${now.id} was not draining`);
    };
    if (scope) {
      const draining = online.filter((one) => one.draining);
      if (draining.length === 0 && !this.jsonEnabled())
        notice(`No online instance of ${formatScope(scope)} was draining.`);
      for (const one of draining) await undrain(one, true).catch(ignoreGone);
    } else {
      await each(ids.map(parseId), async (address) => {
        // An instance that is offline for its health check may drain as well.
        const before = await client.registration(address).catch((error: unknown) => {
          ignoreGone(error);
          return undefined;
        });
        await undrain(address, before?.draining ?? true);
      });
    }
    await refuseRuled(client, undrained);
    return undrained;
  }

  /** A person may have meant one version, or another app. */
  async #askIfNothingIsLeft(client: Client, { app }: Scope, drained: readonly Address[]): Promise<void> {
    if (!this.asks) return;
    const ids = new Set<string>(drained.map(formatId));
    const isLeft = (one: Registration): boolean => !one.draining && !ids.has(one.id);
    if ((await client.registrations({ app })).some(isLeft)) return;
    const what = numberOf(drained.length, 'instance');
    await this.askFirst(`Drain ${what} of ${app}? None is left that callers are sent to.`);
  }
}

interface Undraining {
  scope: Scope | undefined;
  /** The instances of the scope. */
  online: readonly Registration[];
  ids: readonly string[];
  reason: string | undefined;
  instance: string | undefined;
}

const scopeIn = ({ app, version }: { app?: string | undefined; version?: string | undefined }): Scope | undefined =>
  app === undefined ? undefined : { app, ...(version !== undefined && { version }) };
