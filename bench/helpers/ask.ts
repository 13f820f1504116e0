/** A question to a process of ours, which answers each with one message. */

import type { ChildProcess } from 'node:child_process';

export function ask<Answer>(worker: ChildProcess, task: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const died = (code: number): void => reject(new Error(`${JSON.stringify(task)} ended its process: ${code}`));
    worker.once('exit', died);
    worker.once('message', (answer) => {
      worker.off('exit', died);
      resolve(answer as Answer);
    });
    worker.send(task);
  });
}
