/** Asks every daemon of a cluster for its status and the daemons that it knows, as far as this machine reaches them. */

import { Client, type ClientOptions } from '../../client/index.js';
import type { DaemonInfo, Status } from '../../model/daemon.js';
import { toFailure } from '../exit-codes.js';

/** The answers of one daemon. */
export interface Answer {
  /** Where it was asked. */
  url: string;
  status: Status;
  daemons: DaemonInfo[];
  /** By how many ms its wall clock is ahead of this machine's; absent if it does not report its time. */
  clockAhead?: number;
}

/** A daemon that did not answer, or refused to. */
export interface Silent {
  url: string;
  /** Absent for one that was only named on the command line. */
  name?: string;
  reason: string;
}

export interface Survey {
  answers: Answer[];
  silent: Silent[];
}

/** Daemons that are asked at the same time, and the most that are asked at all. */
const limits = { atOnce: 16, daemons: 500 };

/** Starts with the daemons at `urls`, and continues with those that they know. Each daemon is included once. */
export async function surveyCluster(urls: readonly string[], options: Omit<ClientOptions, 'servers'>): Promise<Survey> {
  const survey: Survey = { answers: [], silent: [] };
  const asked = new Set<string>();
  const next = urls.map((url): { url: string; name?: string } => ({ url }));
  while (next.length > 0) {
    const now = next.splice(0, limits.atOnce);
    for (const { url } of now) asked.add(url);
    const answers = await Promise.all(now.map(({ url, name }) => ask(url, name, options)));
    for (const answer of answers) add(survey, answer);
    for (const { url, name } of survey.answers.flatMap(unaskedOf)) {
      if (asked.has(url) || asked.size + next.length >= limits.daemons || next.some((one) => one.url === url)) continue;
      next.push({ url, name });
    }
  }
  return survey;
}

/** Those that it knows, but for itself: it may be reached by another URL than the one that it advertises. */
const unaskedOf = ({ daemons }: Answer): { url: string; name: string }[] =>
  daemons.filter(({ state }) => state !== 'left').map(({ url, name }) => ({ url, name }));

function add({ answers, silent }: Survey, said: Answer | Silent): void {
  if ('reason' in said) silent.push(said);
  else if (!answers.some(({ status }) => status.runId === said.status.runId)) answers.push(said);
}

async function ask(url: string, name: string | undefined, options: ClientOptions): Promise<Answer | Silent> {
  const client = new Client({ ...options, servers: [url] });
  try {
    const daemons = await client.daemons();
    const sent = Date.now();
    const status = await client.status();
    const halfway = (sent + Date.now()) / 2;
    const { time } = status;
    return { url, status, daemons, ...(time !== undefined && { clockAhead: Math.round(time - halfway) }) };
  } catch (error) {
    const { message } = toFailure(error);
    const [, reason = message] = /^no daemon reachable: tried \S+ \((.*)\)$/.exec(message) ?? [];
    return { url, ...(name !== undefined && { name }), reason };
  }
}
