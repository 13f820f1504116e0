/** The checks of a cluster, on the answers of its daemons. */

import { isLoopback } from '../../model/loopback.js';
import { hostPort } from '../../model/registration.js';
import { compareVersions } from '../../model/version.js';
import { roughly } from '../durations.js';
import type { CheckName, Finding, Level } from './finding.js';
import { peerFindings } from './peer-checks.js';
import type { Answer, Silent, Survey } from '../survey.js';

/** Clocks that differ by less are as good as they get without care. ms. */
const clocksApart = 2000;

/** File descriptors with which a daemon soon comes to its end: each connection needs one. */
const fewFiles = 4096;

const dayMs = 24 * 60 * 60 * 1000;

/** How long before its end a certificate is a problem, or worth a warning. */
const certificateEnds = { problem: 3 * dayMs, warning: 21 * dayMs };

/** All findings, in the order of the checks. */
export function examine(all: Survey, now: number): Finding[] {
  const survey = { ...all, silent: all.silent.filter((one) => !isAgainElsewhere(one, all)) };
  const perDaemon = survey.answers.flatMap((answer) => [
    ...ready(answer),
    ...documents(answer),
    ...load(answer),
    ...files(answer),
    ...access(answer),
    ...certificates(answer, now),
  ]);
  const found = [
    ...reachable(survey),
    ...cluster(survey),
    ...perDaemon,
    ...peerFindings(survey),
    ...versions(survey),
    ...clocks(survey),
    ...size(survey),
  ];
  return checkNames.flatMap((name) => found.filter(({ check }) => check === name));
}

/** Whether it is lost at this URL, and online again at another one. */
const isAgainElsewhere = ({ url, name }: Silent, { answers }: Survey): boolean => {
  const online = answers.flatMap(({ daemons }) => daemons.filter(({ state }) => state === 'online'));
  return online.some((one) => one.name === name && one.url !== url) && !online.some((one) => one.url === url);
};

/** All checks in the order in which they are shown, with the line for a check that finds nothing. */
export const checks: Readonly<Record<CheckName, string>> = {
  reachable: 'every daemon answers',
  cluster: 'all belong to one cluster',
  ready: 'every daemon knows what is online',
  peers: 'every daemon hears all the others',
  seeds: 'the configured peers are reached',
  documents: 'what the daemons hold can be read',
  load: 'no daemon is overloaded',
  files: 'there are enough file descriptors',
  versions: 'all run the same version',
  clocks: 'the clocks agree',
  access: 'no daemon is open to every program',
  certificates: 'no certificate expires soon',
  size: 'there are enough daemons',
};

const checkNames = Object.keys(checks) as CheckName[];

const about = (
  check: CheckName,
  level: Level,
  { status: { name } }: Answer,
  message: string,
  advice: string,
): Finding => ({ check, level, daemon: name, message, advice });

function reachable({ answers, silent }: Survey): Finding[] {
  return silent.map(({ url, name, reason, withheld = false }) => {
    const asSeen = answers.flatMap(({ daemons }) => daemons.filter((one) => one.url === url));
    const isHeard = asSeen.some(({ state }) => state === 'online');
    // Its own answer came by another URL.
    const isHere = answers.some(({ status }) => status.url === url);
    const message = isHere
      ? `this machine does not reach it at the URL that it advertises, ${url}: ${reason}`
      : `${url} does not answer: ${reason}`;
    return {
      check: 'reachable',
      level: isHere || withheld ? 'warning' : 'problem',
      daemon: name ?? url,
      message: withheld ? `${url} was not examined: ${reason}` : message,
      advice: withheld ? adviceForWithheld(url) : adviceFor(isHere, isHeard, name),
    };
  });
}

const adviceForWithheld = (url: string): string =>
  `if you trust ${url}, name it with --server too; or give the daemons TLS, and name their CA with --tls-ca`;

function adviceFor(isHere: boolean, isHeard: boolean, name: string | undefined): string {
  if (isHere) return 'if the other daemons are on other machines, start it with --advertise and a URL that they reach';
  if (isHeard) return 'other daemons hear it: look at the network and the firewall between it and this machine';
  if (name === undefined) return 'start a daemon there, or correct --server or BENDER_SERVER';
  return `start it again; if it is gone for good, 'bender daemons forget ${name}' at each daemon`;
}

function cluster({ answers }: Survey): Finding[] {
  const first = answers[0]?.status.cluster;
  return answers
    .filter(({ status }) => status.cluster !== first)
    .map((answer) =>
      about(
        'cluster',
        'problem',
        answer,
        `it belongs to the cluster '${answer.status.cluster}', and ${answers[0]!.status.name} to '${first}'`,
        'give all daemons the same --cluster, or ask about one cluster at a time',
      ),
    );
}

function ready(answer: Answer): Finding[] {
  const { status } = answer;
  if (status.stale)
    return [
      about(
        'ready',
        'problem',
        answer,
        'its view is stale: it hears fewer than half of the daemons that it knows',
        "mend the network, or 'bender daemons forget NAME' for each daemon that is gone for good",
      ),
    ];
  if (status.ready) return [];
  const message = `it has just started (${roughly(status.uptime)} ago), and waits for services to register again`;
  return [about('ready', 'warning', answer, message, 'wait for one TTL, and look again')];
}

function documents(answer: Answer): Finding[] {
  return answer.daemons
    .filter(({ fetchedAnew }) => fetchedAnew)
    .map(({ name, fetchedAnew }) =>
      about(
        'documents',
        'problem',
        answer,
        `it cannot read what ${name} holds, and has fetched it ${fetchedAnew} times`,
        `restart ${name}; if that does not help, report it`,
      ),
    );
}

function load(answer: Answer): Finding[] {
  if (!answer.status.load?.overloaded) return [];
  const advice = 'spread the clients over the daemons, watch instead of asking again and again, renew in batches';
  return [about('load', 'problem', answer, 'it is overloaded, and refuses everything but renewals', advice)];
}

function files(answer: Answer): Finding[] {
  const { openFiles } = answer.status;
  if (openFiles === undefined) return [];
  const { open, limit } = openFiles;
  const advice = 'raise LimitNOFILE= in its unit, or ulimit -n, above --max-connections';
  if (open >= 0.9 * limit)
    return [about('files', 'problem', answer, `${open} of ${limit} file descriptors are open`, advice)];
  if (limit >= fewFiles) return [];
  return [about('files', 'warning', answer, `it may open ${limit} files: too few for many clients`, advice)];
}

function access(answer: Answer): Finding[] {
  const { insecure, dns } = answer.status;
  const warn = (message: string, advice: string): Finding => about('access', 'warning', answer, message, advice);
  return [
    ...(insecure
      ? [
          warn(
            'every program that reaches it may change everything',
            'start it with --tokens FILE instead of --insecure (docs/security.md)',
          ),
        ]
      : []),
    ...(dns && !isLoopback(dns.host)
      ? [
          warn(
            `every program that reaches ${hostPort(dns)} may see by DNS where services listen`,
            'start it without --dns-host, or let a firewall restrict access to that port (docs/security.md)',
          ),
        ]
      : []),
  ];
}

/** Of the certificate and its CA, what expires first. */
function certificates(answer: Answer, now: number): Finding[] {
  const { expires } = answer.status.tls ?? {};
  if (expires === undefined || expires - now >= certificateEnds.warning) return [];
  const left = expires - now;
  const message =
    left > 0 ? `its certificate expires in ${roughly(left)}` : `its certificate expired ${roughly(-left)} ago`;
  const advice = "issue a new one ('bender ca issue'), or renew the CA: the daemon reads the files again by itself";
  return [about('certificates', left < certificateEnds.problem ? 'problem' : 'warning', answer, message, advice)];
}

function versions({ answers }: Survey): Finding[] {
  const all = [...new Set(answers.map(({ status }) => status.version))].sort(compareVersions);
  if (all.length < 2) return [];
  const running = (version: string): Answer[] => answers.filter(({ status }) => status.version === version);
  const each = all.map((version) => `${version}: ${namesOf(running(version))}`);
  const message = `the daemons run different versions (${each.join('; ')})`;
  return [{ check: 'versions', level: 'warning', message, advice: 'finish the upgrade (docs/installing.md)' }];
}

/** Those that differ from most, this machine among them. Of two, it is the other one. */
function clocks({ answers }: Survey): Finding[] {
  const ahead = answers.flatMap(({ clockAhead }) => clockAhead ?? []);
  const middle = ahead.length < 2 ? 0 : [...ahead, 0].sort((a, b) => a - b)[ahead.length >> 1]!;
  const advice =
    'set it by NTP: tokens and certificates end by it, and the history shows it. Leases do not depend on it';
  const found = answers.flatMap((answer): Finding[] => {
    const apart = (answer.clockAhead ?? middle) - middle;
    if (Math.abs(apart) < clocksApart) return [];
    return [about('clocks', 'warning', answer, `its clock is ${roughly(Math.abs(apart))} ${direction(apart)}`, advice)];
  });
  if (Math.abs(middle) < clocksApart) return found;
  const message = `the clock of this machine is ${roughly(Math.abs(middle))} ${direction(-middle)}`;
  return [...found, { check: 'clocks', level: 'warning', message, advice }];
}

const direction = (ahead: number): string => (ahead > 0 ? 'fast' : 'slow');

function size({ answers, silent }: Survey): Finding[] {
  const count = answers.length + silent.length;
  if (count >= 3) return [];
  const message =
    count === 1 ? 'there is one daemon' : 'there are two daemons, which cannot tell which of them is cut off';
  return [
    { check: 'size', level: 'warning', message, advice: 'run three, on different machines (docs/operations.md)' },
  ];
}

const namesOf = (answers: readonly Answer[]): string => answers.map(({ status }) => status.name).join(', ');
