/** What is known of the lease and the check of one instance. */

import type { Check } from '../../model/check.js';
import { formatCheck } from '../../model/check.js';
import type { LeaseInfo } from '../../model/lease.js';
import { html, type VNode } from '../html.js';
import { useLease } from '../leases.js';
import { linkTo } from '../route.js';
import { duration } from '../state/remaining.js';
import { daemons } from '../store.js';
import { Expiring, Ring } from './lease.js';

/** `3.1 s of 4 s left, held by daemon-2`. */
export function Lease({ id, ttl }: { id: string; ttl: number }): VNode {
  const lease = useLease(id);
  if (!lease) return html`${duration(ttl)}`;
  const { remaining } = lease;
  return html`<span class="dots" aria-hidden="true"><${Ring} id=${id} /></span> ${
      remaining === undefined ? `${duration(ttl)}, ` : `${duration(remaining)} of ${duration(ttl)} left, `
    }<${Holder} id=${id} lease=${lease} /> <${Expiring} id=${id} />`;
}

function Holder({ id, lease: { holder, lost, remaining } }: { id: string; lease: LeaseInfo }): VNode {
  const found = daemons.value.find(({ name, state }) => name === holder && state === 'online');
  if (lost) return html`held by <b>${holder}</b>, which is lost`;
  if (found?.self) return html`held by this daemon`;
  const name = found
    ? html`<a href=${`${found.url}/ui${linkTo('instance', id)}`} rel="noreferrer">${holder}</a>`
    : holder;
  return html`held by ${name}${remaining === undefined && html`, which has not said what is left`}`;
}

/** How it is probed, and what the daemon that holds it says of that. */
export function CheckFacts({
  id,
  check,
  unhealthy,
}: {
  id: string;
  check: Check;
  unhealthy: string | undefined;
}): VNode {
  const lease = useLease(id);
  const { interval, timeout, fails, passes } = check;
  return html`<code>${formatCheck(check)}</code> every ${duration(interval)}, for ${duration(timeout)} at most;
    unhealthy after ${times(fails, 'failure')} in a row, and healthy again after ${times(passes, 'pass', 'passes')}
    ${lease?.probes && html`<br />${resultOf(lease.probes, lease.holder, unhealthy)}`}`;
}

function resultOf(
  { passedAgo, fails, problem }: NonNullable<LeaseInfo['probes']>,
  holder: string,
  unhealthy: string | undefined,
): VNode {
  const ago = `${duration(passedAgo)} ago`;
  if (fails === 0 && unhealthy === undefined)
    return html`<span class="mark-of online">passed</span> ${ago} (${holder})`;
  return html`<span class="mark-of unhealthy"
      >${fails === 0 ? 'passes again' : `failed ${times(fails, 'time')} in a row`}</span
    >${problem !== undefined && `, the last time with: ${problem}`}; passed ${ago} (${holder})`;
}

const times = (count: number, what: string, many = `${what}s`): string => `${count} ${count === 1 ? what : many}`;
