/**
 * Asks every daemon of a cluster for its status and the daemons that it knows, as far as this machine reaches them.
 * Every member chooses the URL that it advertises, so not every daemon is shown the token.
 */

import { Client, type ClientOptions, defaultServer } from '../client/index.js';
import type { DaemonInfo, Status } from '../model/daemon.js';
import { UnreachableError } from '../model/errors.js';
import { exitCodes, toFailure } from './exit-codes.js';

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
  /** What was thrown. */
  error?: unknown;
  /** Whether it refused because it was not shown the token and the certificate. */
  withheld?: boolean;
}

export interface Survey {
  answers: Answer[];
  silent: Silent[];
}

/** Daemons that are asked at the same time, and the most that are asked at all. */
const limits = { atOnce: 16, daemons: 500 };

/**
 * Starts with the daemons at `servers`, and continues with those that they know. Each daemon is included once. Rejects
 * if none answers: with the refusal of a token, if there was one, else with UnreachableError.
 */
export async function surveyCluster({ servers = [], onCaveats: _, ...options }: ClientOptions): Promise<Survey> {
  const urls = servers.length === 0 ? [defaultServer] : servers;
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
  // A daemon that was examined by another URL need not be shown the token by this one.
  const isExamined = (url: string): boolean => survey.answers.some(({ status }) => status.url === url);
  if (survey.answers.length === 0) throw failureOf(survey);
  return { ...survey, silent: survey.silent.filter(({ url, withheld }) => !withheld || !isExamined(url)) };
}

function failureOf({ silent }: Survey): unknown {
  const refused = silent.find(({ error }) => toFailure(error).exitCode === exitCodes.TOKEN_MISSING);
  if (refused) return refused.error;
  const tried = silent.map(({ url, reason }) => `${url} (${reason})`);
  return new UnreachableError(`no daemon reachable: tried ${tried.join(', ')}`);
}

/** Those that it knows, but for itself: it may be reached by another URL than the one that it advertises. */
const unaskedOf = ({ daemons }: Answer): { url: string; name: string }[] =>
  daemons.filter(({ state }) => state !== 'left').map(({ url, name }) => ({ url, name }));

function add({ answers, silent }: Survey, said: Answer | Silent): void {
  if ('reason' in said) silent.push(said);
  else if (!answers.some(({ status }) => status.runId === said.status.runId)) answers.push(said);
}

/**
 * The options for a daemon that was not named by the user, but by other daemons: without the token and the certificate,
 * unless the CA that the user named vouches for it.
 */
export function optionsForLearned(url: string, { token, tls, ...options }: ClientOptions): ClientOptions {
  const { ca } = (typeof tls === 'function' ? tls() : tls) ?? {};
  const isVouchedFor = ca !== undefined && /^https:/i.test(url);
  return isVouchedFor ? { ...options, token, tls } : options;
}

/** Without a `name`, the user has named its URL. */
async function ask(url: string, name: string | undefined, options: ClientOptions): Promise<Answer | Silent> {
  const shown = name === undefined ? options : optionsForLearned(url, options);
  const isWithheld = shown.token !== options.token || shown.tls !== options.tls;
  try {
    const client = new Client({ ...shown, servers: [url] });
    const daemons = await client.daemons();
    const sent = Date.now();
    const status = await client.status();
    const halfway = (sent + Date.now()) / 2;
    const { time } = status;
    return { url, status, daemons, ...(time !== undefined && { clockAhead: Math.round(time - halfway) }) };
  } catch (error) {
    const { message, exitCode } = toFailure(error);
    const named = { url, ...(name !== undefined && { name }), error };
    if (isWithheld && exitCode === exitCodes.TOKEN_MISSING)
      return { ...named, reason: `${message}; ${withheldReason}`, withheld: true };
    const [, reason = message] = /^no daemon reachable: tried \S+ \((.*)\)$/.exec(message) ?? [];
    return { ...named, reason };
  }
}

const withheldReason =
  'it was not shown the token, which only daemons are that are named with --server, or reached by https with --tls-ca';
