import { expect, it, jest } from '@jest/globals';
import * as undici from 'undici';
import type { Dispatcher } from 'undici';
import { NoInstanceError } from '../../../../src/model/errors.js';
import { registryWith } from '../../../helpers/called.js';

let adapted = 0;

/** As undici 8 has it: what adapts handlers of earlier versions, which its dispatchers no longer do. */
class Dispatcher1Wrapper {
  constructor(private readonly dispatcher: Dispatcher) {}

  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    adapted++;
    return this.dispatcher.dispatch(request, {
      onRequestStart: () => undefined,
      onResponseError: (_, error) => handler.onError?.(error),
    });
  }
}

jest.unstable_mockModule('undici', () => ({ ...undici, Dispatcher1Wrapper }));

it("has undici 8 adapt handlers of earlier versions, as those of Node's own fetch, and no others", async () => {
  const { benderDispatcher } = await import('../../../../src/client/callers/undici.js');
  const dispatcher = benderDispatcher(registryWith().opener);
  const request = { origin: 'http://none.bender', path: '/', method: 'GET' } as const;
  const failure = (handlerOf: (fail: (error: Error) => void) => Dispatcher.DispatchHandler): Promise<Error> =>
    new Promise((resolve) => dispatcher.dispatch(request, handlerOf(resolve)));
  expect(await failure((fail) => ({ onError: fail }))).toBeInstanceOf(NoInstanceError);
  expect(adapted).toBe(1);
  const present = failure((fail) => ({ onRequestStart: () => undefined, onResponseError: (_, error) => fail(error) }));
  expect(await present).toBeInstanceOf(NoInstanceError);
  expect(adapted).toBe(1);
  await dispatcher.close();
});
