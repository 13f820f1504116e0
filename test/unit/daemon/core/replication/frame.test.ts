import * as fc from 'fast-check';
import { checkFrame, type Frame, protocolVersion } from '../../../../../src/daemon/core/replication/frame.js';
import { BenderError, InvalidError } from '../../../../../src/model/errors.js';
import { asRunId } from '../../../../helpers/samples.js';

const hash = 'a1'.repeat(32);
const good = (fields: object = {}): Frame => ({
  v: protocolVersion,
  cluster: 'test',
  from: {
    name: 'a',
    runId: asRunId('run-id-of-a'),
    generation: 1,
    url: 'http://a.example:1729',
    synced: true,
    warm: false,
  },
  ...fields,
});
const from = (fields: object) => good({ from: { ...good().from, ...fields } });

function refusal(input: unknown): unknown {
  try {
    checkFrame(input, 'test');
  } catch (error) {
    return error;
  }
  throw new Error('it was taken');
}

describe('a frame', () => {
  it('is taken as it was sent', () => {
    const frame = good({
      signs: [['run-id-of-a', 7, 120, -1]],
      sync: {
        digest: 'abc',
        have: [
          ['catalog', [hash]],
          ['holdings/run-id-of-a/1', []],
        ],
        all: true,
        changes: [['catalog', [new Uint8Array([1, 2])]]],
      },
      renewals: [
        ['web/1/h/1', 'life', 3],
        ['web/1/h/2', 'life', 3, { ttl: 5000, meta: { zone: 'b' } }],
      ],
      refused: [0],
    });
    expect(checkFrame(frame, 'test')).toEqual(frame);
  });

  it('loses what this version does not know', () => {
    expect(checkFrame(good({ later: 1 }), 'test')).toEqual(good());
  });

  it.each([
    ['another cluster', good({ cluster: 'staging' }), "cluster 'staging' does not go with this daemon's, 'test'"],
    ['another protocol', good({ v: 2 }), 'protocol version 2 does not go with version 4'],
    // Of another version nothing more is known than that.
    ['another protocol in a shape of its own', { v: 99, cluster: 'test' }, 'protocol version 99'],
  ])('of %s is told so', (_, frame, message) => {
    const error = refusal(frame);
    expect(error).toBeInstanceOf(BenderError);
    expect(error).toMatchObject({
      code: 'CLUSTER_MISMATCH',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'frame'],
    ['an array', []],
    ['a frame without a sender', { v: protocolVersion, cluster: 'test' }],
    ['a run id that is too short', from({ runId: 'short' })],
    ['a name without end', from({ name: 'x'.repeat(513) })],
    ['a URL that is none', from({ url: 'somewhere' })],
    ['a generation that is negative', from({ generation: -1 })],
    ['a generation that is no whole number', from({ generation: 1.5 })],
    ['signs that are no list', good({ signs: {} })],
    ['a sign that is too short', good({ signs: [['run-id-of-a', 1, 1]] })],
    ['a counter of text', good({ signs: [['run-id-of-a', '1', 1, -1]] })],
    ['a counter below 0', good({ signs: [['run-id-of-a', -1, 1, -1]] })],
    ['an age that is no number', good({ signs: [['run-id-of-a', 1, NaN, -1]] })],
    ['an age without end', good({ signs: [['run-id-of-a', 1, Infinity, -1]] })],
    ['signs without end', good({ signs: Array.from({ length: 10_001 }, () => ['run-id-of-a', 1, 1, -1]) })],
    ['heads that are no hashes', good({ sync: { have: [['catalog', ['x'.repeat(64)]]] } })],
    ['heads of the wrong length', good({ sync: { have: [['catalog', ['a1']]] } })],
    ['changes that are no bytes', good({ sync: { changes: [['catalog', ['text']]] } })],
    ['changes that are a list of numbers', good({ sync: { changes: [['catalog', [[1, 2, 3]]]] } })],
    ['a document without a name', good({ sync: { changes: [[7, []]] } })],
    ['a renewal without a life', good({ renewals: [['web/1/h/1']] })],
    ['a renewal with a TTL of 0', good({ renewals: [['web/1/h/1', 'life', 1, { ttl: 0 }]] })],
    ['a renewal with a TTL for ever', good({ renewals: [['web/1/h/1', 'life', 1, { ttl: 1e12 }]] })],
    ['a renewal with metadata of text', good({ renewals: [['web/1/h/1', 'life', 1, { meta: 'x' }]] })],
    ['a renewal with metadata of a list', good({ renewals: [['web/1/h/1', 'life', 1, { meta: [1] }]] })],
    [
      'a renewal with metadata beyond its limit',
      good({ renewals: [['web/1/h/1', 'life', 1, { meta: { text: 'x'.repeat(5000) } }]] }),
    ],
    ['renewals without end', good({ renewals: Array.from({ length: 10_001 }, () => ['web/1/h/1', 'life', 1]) })],
    ['refused indices below 0', good({ refused: [-1] })],
  ])('is not made of %s', (_, input) => {
    expect(refusal(input)).toBeInstanceOf(InvalidError);
  });

  it('is never anything but a frame or a BenderError, whatever arrives', () => {
    const garbage = fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true });
    const field = fc.constantFrom('v', 'cluster', 'from', 'signs', 'sync', 'renewals', 'refused');
    fc.assert(
      fc.property(garbage, field, garbage, (anything, name, value) => {
        for (const input of [
          anything,
          good({ [name]: value }),
          from({ [name]: value }),
          good({ sync: { have: value } }),
        ])
          try {
            checkFrame(input, 'test');
          } catch (error) {
            expect(error).toBeInstanceOf(BenderError);
          }
      }),
      { numRuns: 300 },
    );
  });
});
