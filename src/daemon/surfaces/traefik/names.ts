/**
 * Names of routers and services. Traefik splits names at `@`, so that only letters, digits and `._-` stay as they are.
 * Others become `~HEX~`, and `~~` separates parts: different parts are different names.
 */

/** The service of what has no backend. */
export const noService = '~none~';

/** @param scheme  left out if it is `http` and nothing follows */
export function serviceName(name: string, scheme = 'http', version?: string): string {
  const parts = version === undefined ? [name, ...(scheme === 'http' ? [] : [scheme])] : [name, scheme, version];
  return parts.map(escaped).join('~~');
}

const escaped = (part: string): string =>
  part.replace(/[^A-Za-z0-9._-]/gu, (character) => `~${character.codePointAt(0)!.toString(16)}~`);
