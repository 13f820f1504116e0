/** The answers of one surface, made once for each state, and counted. */

import type { IncomingHttpHeaders } from 'node:http';
import { type Contents, type Made } from '../http/contents.js';
import { madeAnswer } from '../http/made-answer.js';
import type { Answer } from '../http/route.js';
import type { Sliced } from '../http/slices.js';
import type { SurfaceCounts } from './counts.js';

export interface Wanted {
  /** What the answer is about: equal for equal requests. */
  key: string;
  /** Changes whenever the answer may, such as `registry.stamp(query)`. */
  stamp: string;
  /** Default: JSON. */
  contentType?: string;
  headers: IncomingHttpHeaders;
}

export class SurfaceAnswers {
  constructor(
    private readonly name: string,
    private readonly contents: Contents,
    private readonly counts: SurfaceCounts,
  ) {}

  /** 200 with what `make` makes, unless it is still known for this stamp; 304 to a client that has it. */
  once({ key, stamp, contentType, headers }: Wanted, make: () => Sliced<Made>): Answer | Promise<Answer> {
    const found = this.contents.find(`${this.name} ${key}`, stamp, make);
    return madeAnswer(found, headers, contentType === undefined ? undefined : { 'content-type': contentType });
  }

  /** An entry cannot be expressed here, and is left out of an answer that is being made. */
  leaveOut(): void {
    this.counts.leftOut(this.name);
  }
}
