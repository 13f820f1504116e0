/**
 * A check by which the daemons find out whether an instance is healthy: for services that cannot renew by themselves.
 * It probes the instance's own host and port, and nothing else.
 */

/** What a client may say of a check: exactly one of `http`, `https` and `tcp`. The rest has defaults. */
export interface CheckOptions {
  /** A path: `GET` of it must return 2xx or 3xx. Redirects are not followed. */
  http?: string;
  /** The same over TLS. */
  https?: string;
  /** The port must accept a connection. */
  tcp?: true;
  /** Takes any certificate, for `https`. */
  skipVerify?: true;
  /** ms from one probe to the next; default 2000. */
  interval?: number;
  /** ms that one probe may take; default 1000, or the interval if that is less. */
  timeout?: number;
  /** Failures in a row after which it is unhealthy; default 3. */
  fails?: number;
  /** Passes in a row after which it is healthy again; default 1. */
  passes?: number;
  /**
   * ms for which an unhealthy instance is kept and probed, before its registration ends; default a day. Another daemon
   * that takes over begins anew.
   */
  deregisterAfter?: number;
}

/** A check with all of its numbers. */
export type Check = CheckOptions &
  Required<Pick<CheckOptions, 'interval' | 'timeout' | 'fails' | 'passes' | 'deregisterAfter'>>;

const day = 24 * 60 * 60 * 1000;

/** Fills in what was left out. The fields come in one order, so that equal checks are the same JSON. */
export function completeCheck(options: CheckOptions): Check {
  const { http, https, tcp, skipVerify, interval = 2000, fails = 3, passes = 1, deregisterAfter = day } = options;
  const { timeout = Math.min(1000, interval) } = options;
  return {
    ...(http !== undefined && { http }),
    ...(https !== undefined && { https }),
    ...(tcp && { tcp }),
    ...(skipVerify && { skipVerify }),
    ...{ interval, timeout, fails, passes, deregisterAfter },
  };
}

/** ms beyond the last failure that counts: a probe may begin late. */
const slackMs = 1000;

/** The shortest TTL (ms) with which the check finds out that the instance is unhealthy before its lease ends. */
export const leastTtl = ({ interval, timeout, fails }: Check): number => fails * interval + timeout + slackMs;

/** How probes call themselves (`User-Agent`), so that daemons tell them from clients. */
export const probeAgent = 'bender';

export const sameCheck = (a: Check | null | undefined, b: Check | null | undefined): boolean =>
  a === b || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** As `--check` of `bender register` takes it: `tcp`, `http:/healthz`. */
export const formatCheck = ({ http, https }: CheckOptions): string =>
  https !== undefined ? `https:${https}` : http !== undefined ? `http:${http}` : 'tcp';
