/** TLS of one daemon: its files, its listeners, and the name in its certificate. */

import type { Server } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { TlsStatus } from '../../model/daemon.js';
import { InvalidError } from '../../model/errors.js';
import { isName } from '../../model/validate.js';
import type { Log } from '../core/log.js';
import type { Names } from '../core/runtime.js';
import type { Settings } from '../settings.js';
import { Claims } from './claims.js';
import { listenerOptions, renewContext } from './listener.js';
import { TlsFiles } from './tls-files.js';
import { type TlsPlan, tlsPlan } from './tls-settings.js';

export class DaemonTls {
  private constructor(
    private readonly plan: TlsPlan,
    readonly files: TlsFiles,
  ) {}

  /** Undefined without TLS. Rejects with InvalidError for settings or files that do not go together. */
  static async open(settings: Settings, log: Log): Promise<DaemonTls | undefined> {
    const plan = tlsPlan(settings);
    if (!plan) return undefined;
    const tls = new DaemonTls(plan, await TlsFiles.open(plan, log));
    try {
      tls.#requireName(settings.name);
    } catch (error) {
      tls.files.close();
      throw error;
    }
    return tls;
  }

  /** Whether daemons show each other certificates. */
  get mutual(): boolean {
    return this.plan.ca !== undefined;
  }

  /** The name that peers take from this daemon; undefined: any. */
  get name(): string | undefined {
    return this.mutual ? this.files.material.name : undefined;
  }

  /** Ties the names of daemons to their run ids; undefined: nothing does. */
  names(log: Log): Names | undefined {
    return this.mutual ? new Claims(() => this.files.material, log) : undefined;
  }

  get listenerOptions(): ServerOptions {
    return listenerOptions(this.files.material, this.plan.clientAuth);
  }

  /** For a port of their own for peers: a caller that shows no certificate is told that it needs one. */
  get peerListenerOptions(): ServerOptions {
    return listenerOptions(this.files.material, this.mutual ? 'request' : 'none');
  }

  get status(): TlsStatus {
    const { clientAuth } = this.plan;
    return { expires: this.files.material.expires, mutual: this.mutual, clientAuth };
  }

  /** Called when the CA has changed: what was opened by the trust in another one is to end. */
  onNewCa: () => void = () => {};

  /** Has these listeners use what is in the files from now on. */
  renew(...servers: readonly Server[]): void {
    let { ca } = this.files.material;
    this.files.onChange = (material) => {
      for (const server of servers) renewContext(server, material);
      if (material.ca !== ca) this.onNewCa();
      ({ ca } = material);
    };
  }

  #requireName(wanted: string | undefined): void {
    const { name, isOfDaemon } = this.files.material;
    const { cert } = this.plan;
    if (!this.mutual) return;
    if (name === undefined || !isName(name) || !isOfDaemon)
      throw new InvalidError(
        `the certificate in ${cert} is not one for a daemon: with --tls-ca, it is for servers, and its CN is the daemon's name`,
      );
    if (wanted !== undefined && wanted !== name)
      throw new InvalidError(
        `the certificate in ${cert} is for the daemon '${name}', and not for '${wanted}' (--name)`,
      );
  }
}
