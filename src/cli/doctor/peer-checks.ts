/** Which daemon does not reach which other one. */

import { roughly } from '../durations.js';
import type { Finding } from './finding.js';
import type { Answer, Survey } from '../survey.js';

export const peerFindings = (survey: Survey): Finding[] => [...unheard(survey), ...seeds(survey)];

/** A daemon that answers here, and is not heard by another that answers here. */
function unheard({ answers }: Survey): Finding[] {
  return answers.flatMap((one) =>
    answers.flatMap((other): Finding[] => {
      if (one === other || one.status.cluster !== other.status.cluster) return [];
      const { name } = one.status;
      const otherUrl = other.status.peerUrl ?? other.status.url;
      const seen = one.daemons.find((daemon) => daemon.runId === other.status.runId);
      if (seen?.state === 'online') return [];
      const [message, advice] = seen
        ? [
            `it has not heard ${other.status.name} for ${roughly(seen.lastHeard)}`,
            `look at the network and the firewall between the two, and at ${otherUrl} as ${name} sees it`,
          ]
        : [
            `it does not know ${other.status.name}: the two work apart`,
            `start one of them with --peer and the URL of the other, ${otherUrl}`,
          ];
      return [{ check: 'peers', level: 'problem', daemon: name, message, advice }];
    }),
  );
}

/**
 * Configured peers that were never reached: a problem for a daemon that is alone because of it. That a daemon finds
 * itself among its peers is no finding if it hears others: one list for all daemons is a usual way to configure them.
 */
function seeds({ answers }: Survey): Finding[] {
  return answers.flatMap(({ status: { name, peers = [] }, daemons }: Answer): Finding[] => {
    const isAlone = !daemons.some(({ self, state }) => !self && state === 'online');
    return peers
      .filter(({ reached, self }) => !reached && (isAlone || !self))
      .map(({ url, reason, self }) => ({
        check: 'seeds',
        level: isAlone && !self ? 'problem' : 'warning',
        daemon: name,
        message: self
          ? `its configured peer ${url} is the daemon itself, and it hears no other`
          : `its configured peer ${url} was never reached: ${reason ?? 'no reason is known yet'}`,
        advice: self ? 'give it the URLs of other daemons with --peer' : 'correct --peer, or start that daemon',
      }));
  });
}
