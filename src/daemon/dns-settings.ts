/** The settings of DNS, as rows of the table in settings.ts. */

import { setting } from './setting.js';
import { dnsDomain, integerWithin, nearInstances, port, text } from './setting-parsers.js';

export const dnsSettings = {
  'dns-port': setting<number | undefined>({
    parse: port,
    fallback: undefined,
    placeholder: 'PORT',
    help: 'Answer DNS at this port, by UDP and TCP (docs/integrations/dns.md); 0 for a free one.',
    fallbackHelp: 'none: no DNS',
  }),
  'dns-host': setting({
    parse: text,
    fallback: '127.0.0.1',
    placeholder: 'ADDRESS',
    help: 'The address to answer DNS at. DNS knows no tokens: every program that reaches it may see where services listen.',
  }),
  'dns-domain': setting({
    parse: dnsDomain,
    fallback: 'bender',
    placeholder: 'NAME',
    help: 'The domain of the names that DNS answers.',
  }),
  'dns-near': setting<string | undefined>({
    parse: nearInstances,
    fallback: undefined,
    placeholder: 'NAME:VALUE',
    help: 'DNS names stand for the instances with this in their metadata alone, such as zone:eu-1, as long as enough of them take requests.',
    fallbackHelp: 'none: for all instances',
  }),
  'dns-near-at-least': setting({
    parse: integerWithin(1, 1_000_000),
    fallback: 1,
    placeholder: 'N',
    help: 'How many near instances are enough for --dns-near, of each version of a split.',
  }),
};
