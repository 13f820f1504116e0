/** The base of `drain` and `undrain`, which select registrations and decide about each. */

import { Args, Flags } from './oclif.js';
import type { Client } from '../client/index.js';
import { NotFoundError } from '../model/errors.js';
import { UsageError } from './usage-error.js';
import { type DrainRule, formatScope } from '../model/drain-rule.js';
import type { Address, Registration, RegistrationState } from '../model/registration.js';
import { formatId, parseId } from '../model/registration.js';
import { instanceFlag } from './address.js';
import { CatalogCommand, type forceFlag } from './catalog-command.js';
import { drainEnd, type endFlags, leftUntil } from './drain-end.js';
import { addRule, endRules, refuseRuled, ruleLine, type Scope } from './drain-rules.js';
import { localTime } from './durations.js';
import { queryFlags, yesFlag } from './flags.js';
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

  /** Decides for all that the arguments name; answers them as they are now. */
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
    const ended = scope && !draining ? await endRules(client, scope) : [];
    for (const { name } of ended) this.log(`ended rule ${name}`);
    if (flags.rule && ended.length === 0) throw new NotFoundError(`there is no drain rule for ${formatScope(scope!)}`);
    if (flags.rule) return ended;

    const endsAt = drainEnd(flags, Date.now());
    const until = endsAt === undefined ? '' : ` until ${localTime(endsAt)}`;
    const decided: Registration[] = [];
    const addresses = scope ? await onlineIn(client, scope, ended.length > 0) : ids.map(parseId);
    if (draining && scope && !flags.yes) await this.#askIfNothingIsLeft(client, scope, addresses);
    for (const address of addresses) {
      const state: RegistrationState = {
        draining,
        ...(reason !== undefined && { reason }),
        ...(endsAt !== undefined && { forMs: leftUntil(endsAt) }),
      };
      const now = await client.setState(address, state, { instance });
      decided.push(now);
      if (draining || now.drainRule === undefined)
        this.log(`${draining ? 'draining' : 'undrained'} ${formatId(address)}${until}`);
    }
    if (!draining) await refuseRuled(client, decided);
    return decided;
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

const scopeIn = ({ app, version }: { app?: string | undefined; version?: string | undefined }): Scope | undefined =>
  app === undefined ? undefined : { app, ...(version !== undefined && { version }) };

/** @param mayBeNone  whether there may be nothing online */
async function onlineIn(client: Client, scope: Scope, mayBeNone: boolean): Promise<Address[]> {
  const online = await client.registrations(scope);
  if (online.length === 0 && !mayBeNone) throw new NotFoundError(`nothing of ${formatScope(scope)} is online`);
  return online;
}
