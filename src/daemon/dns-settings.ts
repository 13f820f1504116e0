/** The settings of DNS, as rows of the table in settings.ts. */

import { setting } from './setting.js';
import { dnsDomain, port, text } from './setting-parsers.js';

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
};
