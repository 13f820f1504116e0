/** The files with tokens and certificates that the settings name, and what the settings must not be. */

import type { Log } from './core/log.js';
import { requirePeerPort, requireProtection } from './exposure.js';
import { TokenFile } from './http/auth/token-file.js';
import { createLogs } from './log.js';
import type { Settings } from './settings.js';
import { DaemonTls } from './tls/daemon-tls.js';

export interface NamedFiles {
  tokens: TokenFile | undefined;
  tls: DaemonTls | undefined;
}

/**
 * Reads them, and follows them until they are closed. Rejects with InvalidError for what a daemon must not start with.
 */
export async function openNamedFiles(settings: Settings, log: Log): Promise<NamedFiles> {
  requireProtection(settings);
  requirePeerPort(settings);
  const tokens = settings.tokens === undefined ? undefined : await TokenFile.open(settings.tokens, log);
  try {
    return { tokens, tls: await DaemonTls.open(settings, log) };
  } catch (error) {
    tokens?.close();
    throw error;
  }
}

/** `serve --check`: rejects with the reason why a daemon would not start with these settings. It listens nowhere. */
export async function checkSettings(settings: Settings): Promise<void> {
  const { tokens, tls } = await openNamedFiles(settings, createLogs(settings).http);
  tokens?.close();
  tls?.files.close();
}
