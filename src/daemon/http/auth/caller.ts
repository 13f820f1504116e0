/** The caller of a request, as proven by its token. */

import { matchesApp } from '../../../model/app-pattern.js';
import { AccessError } from '../../../model/errors.js';
import { type Need, type Role, rolesFor } from '../../../model/roles.js';
import { type Quotas, quotaNames } from '../../../model/quotas.js';
import type { TokenRecord } from '../../../model/tokens-file.js';
import { Rates } from '../quotas/rates.js';

export class Caller {
  /** Of its token. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Other than that of every token with another secret or other rights. */
  readonly mark: string;
  /** Its quotas at this daemon; undefined: those of all callers. */
  readonly quotas: Quotas | undefined;
  /** What is left of the rates among them. */
  readonly rates: Rates | undefined;
  /** The patterns of the apps that its token is for; undefined: all. */
  readonly apps: readonly string[] | undefined;

  constructor(record: TokenRecord) {
    const { id, name, role, apps } = record;
    this.id = id;
    this.name = name;
    this.role = role;
    this.mark = JSON.stringify(record);
    this.apps = apps;
    const { maxRequests, maxCatalogWrites } = record;
    this.quotas = quotaNames.some((quota) => record[quota] !== undefined) ? record : undefined;
    if (maxRequests !== undefined || maxCatalogWrites !== undefined)
      this.rates = new Rates({ requests: maxRequests, catalogWrites: maxCatalogWrites });
  }

  /** Whether its role meets a need. */
  meets(need: Exclude<Need, 'nothing'>): boolean {
    return rolesFor[need].includes(this.role);
  }

  /** Whether its token is for this app; undefined: whether it is for all. */
  isFor(app: string | undefined): boolean {
    return !this.apps || (app !== undefined && this.apps.some((pattern) => matchesApp(pattern, app)));
  }

  /** Throws {@link AccessError} unless its token is for this app; undefined: unless it is for all. */
  requireApp(app: string | undefined): void {
    if (this.isFor(app)) return;
    const what = app === undefined ? 'what belongs to no app' : `the app '${app}'`;
    throw new AccessError(
      'APP_NOT_ALLOWED',
      `the token '${this.name}' is for the apps ${this.apps!.join(', ')}, not for ${what}`,
      this.role,
    );
  }
}
