/** A body as it is sent; made once, it can be sent many times. */

/** Bytes up to which copying a body behind the headers is less work than handing over two pieces. */
const inOnePiece = 32 * 1024;

export class Content {
  /** In bytes. */
  readonly length: number;
  /** Node sends a string in one piece with the headers, and a Buffer as a second one. */
  readonly data: string | Buffer;
  /** Node writes characters of one byte each faster when it is told so. */
  readonly encoding: 'latin1' | 'utf8';

  constructor(body: string | Buffer) {
    this.length = Buffer.byteLength(body);
    const isAscii = typeof body === 'string' && body.length === this.length;
    this.encoding = isAscii ? 'latin1' : 'utf8';
    this.data = this.length > inOnePiece && typeof body === 'string' ? Buffer.from(body, this.encoding) : body;
  }
}
