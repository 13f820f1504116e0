import { describe, expect, it } from '@jest/globals';
import { helpFor, toFailure } from '../../../src/cli/exit-codes.js';
import { nearest, nearestCommand } from '../../../src/cli/suggest.js';
import { unknownCommand } from '../../../src/cli/unknown-command.js';
import { UsageError } from '../../../src/cli/usage-error.js';
import { usageText } from '../../../src/cli/usage-text.js';
import { InvalidError } from '../../../src/model/errors.js';

const ids = ['serve', 'ls', 'deploy', 'register', 'deregister', 'watch', 'wait', 'status'].concat([
  'backends',
  'backends:create',
  'backends:update',
  'backends:rm',
  'daemons',
  'daemons:forget',
]);

describe('a command that does not exist', () => {
  it.each([
    ['deplyo', "there is no command 'deplyo': did you mean 'bender deploy'?"],
    ['regster', "there is no command 'regster': did you mean 'bender register'?"],
    ['reg', "there is no command 'reg': did you mean 'bender register'?"],
    ['lss', "there is no command 'lss': did you mean 'bender ls'?"],
    ['list', "there is no command 'list': did you mean 'bender ls'?"],
    ['ps', "there is no command 'ps': did you mean 'bender ls'?"],
    ['cordon', "there is no command 'cordon': did you mean 'bender drain'?"],
    ['rm web', "there is no command 'rm': did you mean 'bender deregister'?"],
    ['deplyo web', "there is no command 'deplyo': did you mean 'bender deploy'?"],
    ['frobnicate', "there is no command 'frobnicate'"],
    ['backends updtae', "'bender backends' has no command 'updtae': did you mean 'bender backends update'?"],
    ['backends x y', "'bender backends' has no command 'x'"],
    ['serve extra', "'bender serve' takes no argument: 'extra'"],
    ['--verison', 'unknown flag --verison: did you mean --version?'],
    ['-x', 'unknown flag -x'],
  ])('%s', (words, message) => {
    const error = unknownCommand(words.split(' '), ids);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(message);
  });

  it('is told with where to read about what is known of it', () => {
    expect(helpFor(unknownCommand(['deplyo'], ids), [])).toBe('bender --help');
    expect(helpFor(unknownCommand(['backends', 'x'], ids), [])).toBe('bender backends --help');
  });
});

it('suggests nothing that is far away', () => {
  expect(nearest('x', ['ls', 'wait'])).toBeUndefined();
  expect(nearest('wa', ['watch', 'wait'])).toBeUndefined();
  expect(nearestCommand('unregister', ids)).toBe('deregister');
});

it('points to the help of the command for what is wrong with its usage only', () => {
  expect(helpFor(new UsageError('m'), ['backends', 'rm'])).toBe('bender backends rm --help');
  expect(helpFor(Object.assign(new Error('m'), { oclif: {} }), ['ls'])).toBe('bender ls --help');
  expect(helpFor(new InvalidError('m'), ['ls'])).toBeUndefined();
});

describe('what the parser says, in a sentence', () => {
  const parse = { input: { flags: { version: {}, json: {} } }, output: { flags: {} } };
  const given = { ...parse, output: { flags: { version: '1' } } };
  it.each([
    [{ flags: ['--verison'], parse }, 'unknown flag --verison: did you mean --version?'],
    [{ flags: ['--x', '-y'], parse }, 'unknown flag --x; unknown flag -y'],
    [{ args: ['2.0.0'], parse }, "unexpected argument '2.0.0': did you mean --version 2.0.0?"],
    [{ args: ['2.0.0'], parse: given }, "unexpected argument '2.0.0'"],
    [{ args: ['a', 'b'], parse }, "unexpected arguments 'a', 'b'"],
    [
      { args: ['3f2a9c8'], parse: { ...parse, input: { flags: { to: {} } } } },
      "unexpected argument '3f2a9c8': did you mean --to 3f2a9c8?",
    ],
    [{ args: [{ name: 'name' }], parse }, 'NAME is missing'],
  ])('%j', (parts, sentence) => {
    expect(usageText(Object.assign(new Error('m'), parts))).toBe(sentence);
  });

  it.each([
    ['The following error occurred:\n  \u001b[2mMissing required flag app\u001b[22m', '--app is missing'],
    ['Flag --app expects a value', '--app needs a value'],
    ['Expected --type=x to be one of: a, b', "--type must be one of a, b, not 'x'"],
    ["Parsing --ttl \n\tmust be a duration, not 'x'", "--ttl must be a duration, not 'x'"],
    ['Parsing --count \n\tExpected an integer but received: x', "--count must be an integer, not 'x'"],
    [
      'The following error occurred:\n  --split=1=2 cannot also be provided when using --version',
      '--split and --version exclude each other',
    ],
    [
      'The following error occurred:\n  All of the following must be provided when using --version: --app',
      '--version needs --app as well',
    ],
  ])('%j', (message, sentence) => {
    expect(usageText(new Error(`${message}\nSee more help with --help`))).toBe(sentence);
  });
});

it('takes what a parser of our own throws for the same', () => {
  const error = new InvalidError("Parsing --ttl \n\tmust be a duration, not 'x'\nSee more help with --help");
  expect(toFailure(error)).toMatchObject({ message: "--ttl must be a duration, not 'x'", exitCode: 2 });
  expect(helpFor(error, ['register'])).toBe('bender register --help');
});
