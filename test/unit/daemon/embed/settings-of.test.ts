import { expect, it } from '@jest/globals';
import type { DaemonOptions } from '../../../../src/daemon/embed/daemon-options.js';
import { optionName, settingsOf } from '../../../../src/daemon/embed/settings-of.js';
import type { LogLevels } from '../../../../src/daemon/log-levels.js';
import type { ListenAddress } from '../../../../src/daemon/setting-parsers.js';
import { readSettings } from '../../../../src/daemon/setting-sources.js';
import { type Settings, settingTable } from '../../../../src/daemon/settings.js';
import { InvalidError } from '../../../../src/model/errors.js';

type OptionName<S extends string> = S extends 'peer'
  ? 'peers'
  : S extends `${infer Head}-${infer Tail}`
    ? `${Head}${Capitalize<OptionName<Tail>>}`
    : S;

/** What an option may be, whose setting is of type T. */
type Given<T> = T extends number
  ? number | string
  : T extends string[]
    ? string | readonly string[]
    : T extends ListenAddress
      ? string
      : T extends LogLevels
        ? string | readonly string[]
        : T;

type OptionsOfTable = { [K in keyof Settings as OptionName<K>]-?: Given<Exclude<Settings[K], undefined>> };

/** The options whose names or types differ. */
type Differing = {
  [K in keyof OptionsOfTable | keyof DaemonOptions]: K extends keyof OptionsOfTable & keyof DaemonOptions
    ? [OptionsOfTable[K], Required<DaemonOptions>[K]] extends [Required<DaemonOptions>[K], OptionsOfTable[K]]
      ? never
      : K
    : K;
}[keyof OptionsOfTable | keyof DaemonOptions];

// This does not compile if an option is missing, has another type, or is no setting any more.
const differing: Differing[] = [] satisfies never[];
const none: never[] = differing;

it('has an option for every setting', () => {
  expect(none).toEqual([]);
  expect(Object.keys(settingTable).map(optionName)).toContain('maxConnectionsPerAddress');
});

it('has the defaults of bender serve, but for the port, warming and the log', () => {
  expect(settingsOf({})).toEqual({
    ...readSettings({ flags: {}, environment: {} }),
    ...{ port: 0, 'warm-for': 0, 'log-level': { all: 'silent', parts: {} } },
  });
});

it('takes options as the config file takes settings', () => {
  const options: DaemonOptions = {
    ...{ ttl: '2s', peerTimeout: 1000, peers: ['http://10.0.0.1:1729'], peerListen: '127.0.0.1:0' },
    ...{ noRemoteChecks: true, logLevel: 'info,peers=debug' },
  };
  expect(settingsOf(options)).toMatchObject({
    ...{ ttl: 2000, 'peer-timeout': 1000, peer: ['http://10.0.0.1:1729'], 'no-remote-checks': true },
    'peer-listen': { host: '127.0.0.1', port: 0 },
    'log-level': { all: 'info', parts: { peers: 'debug' } },
  });
});

it('takes undefined for what is not given', () => {
  expect(settingsOf({ port: undefined, ttl: undefined } as unknown as DaemonOptions)).toEqual(settingsOf({}));
});

it.each([
  [{ ttl: 'soon' }, "'ttl'"],
  [{ peerTimeout: 1 }, "'peerTimeout' must be from 500"],
  [{ peer: [] }, "'peer' is no option of createDaemon: there are host, port"],
  [{ 'peer-timeout': 1000 }, "'peer-timeout' is no option"],
])('refuses %j, and names the option', (options, message) => {
  expect(() => settingsOf(options as DaemonOptions)).toThrow(InvalidError);
  expect(() => settingsOf(options as DaemonOptions)).toThrow(message);
});
