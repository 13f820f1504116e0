/**
 * Text that is shown again whenever it changes: at a terminal in place, on a screen of its own that is gone at the end;
 * elsewhere one after the other, with an empty line between them.
 */

const escape = '\u001b[';
/** The alternate screen without a cursor, and back (xterm's control sequences). */
const [enter, leave] = [`${escape}?1049h${escape}?25l`, `${escape}?25h${escape}?1049l`];
const [home, clearLine, clearBelow] = [`${escape}H`, `${escape}K`, `${escape}J`];

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'rows' | 'write' | 'writableNeedDrain'>;

export class LiveScreen {
  #shown: string | undefined;

  constructor(private readonly output: Output = process.stdout) {}

  get isTerminal(): boolean {
    return Boolean(this.output.isTTY);
  }

  /**
   * @param title  a line above the text, at a terminal only
   */
  show(title: string, text: string): void {
    // What the reader has not taken yet is out of date: it need not pile up.
    if (this.output.writableNeedDrain) return;
    const { isTerminal } = this;
    if (!isTerminal && text === this.#shown) return;
    if (isTerminal) this.output.write((this.#shown === undefined ? enter : '') + home + this.#page(title, text));
    else this.output.write(`${this.#shown === undefined ? '' : '\n'}${text}\n`);
    this.#shown = text;
  }

  /** Goes back to the screen before. */
  close(): void {
    if (this.isTerminal && this.#shown !== undefined) this.output.write(leave);
    this.#shown = undefined;
  }

  /** As many lines as there is room for. */
  #page(title: string, text: string): string {
    const lines = [title, '', ...text.split('\n')];
    const room = Math.max(4, this.output.rows || 24) - 1;
    const left = lines.length - room;
    const shown = left > 0 ? [...lines.slice(0, room - 1), `… and ${left + 1} more`] : lines;
    return shown.map((line) => `${line}${clearLine}\n`).join('') + clearBelow;
  }
}
