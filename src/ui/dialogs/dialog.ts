/** A question to the user, and what was wrong if it could not be done. It closes when it is done. */

import { Component, createRef } from 'preact';
import type { ComponentChildren, VNode } from '../html.js';
import { html } from '../html.js';

interface Props {
  title: string;
  /** What the button says that does it. */
  action: string;
  /** Does it. What it throws is shown. */
  run: () => Promise<void> | void;
  /** Whether it cannot be done now. */
  disabled?: boolean;
  onClose: () => void;
  children?: ComponentChildren;
}

interface State {
  isBusy: boolean;
  problem?: string | undefined;
}

export class Dialog extends Component<Props, State> {
  override state: State = { isBusy: false };
  readonly #element = createRef<HTMLDialogElement>();
  #before: Element | null = null;
  #isOpen = true;

  override componentDidMount(): void {
    this.#before = document.activeElement;
    this.#element.current?.showModal();
  }

  /** The focus goes back to what had it, for users of a keyboard; to the view if that is gone. */
  override componentWillUnmount(): void {
    this.#isOpen = false;
    // Until then, nothing outside of it can have the focus.
    this.#element.current?.close();
    const before = this.#before instanceof HTMLElement && this.#before.isConnected ? this.#before : undefined;
    (before ?? document.getElementById('main'))?.focus();
  }

  async #run(event: Event): Promise<void> {
    event.preventDefault();
    this.setState({ isBusy: true, problem: undefined });
    try {
      await this.props.run();
      // Another dialog may be open by now.
      if (this.#isOpen) this.props.onClose();
    } catch (error) {
      this.setState({ isBusy: false, problem: error instanceof Error ? error.message : String(error) });
    }
  }

  override render({ title, action, disabled, onClose, children }: Props, { isBusy, problem }: State): VNode {
    return html`<dialog ref=${this.#element} aria-labelledby="title" onClose=${() => this.#isOpen && onClose()}>
      <form onSubmit=${(event: Event) => this.#run(event)}>
        <h2 id="title">${title}</h2>
        ${children} ${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
        <p class="choices">
          <button type="button" onClick=${onClose}>Cancel</button>
          <button type="submit" class="main" disabled=${isBusy || disabled === true}>
            ${isBusy ? 'Waiting …' : action}
          </button>
        </p>
      </form>
    </dialog>`;
  }
}
