import type { JsonValue } from '../json/index.js';
import type { MessageQueue } from './message-queue.js';

/** One subscriber of a channel. */
export interface Listener {
  readonly queue: MessageQueue;
  readonly onGap: (() => void) | undefined;
  readonly onLost: (() => void) | undefined;
}

/** The local side of one channel: who listens, and whether the broker has confirmed. */
export class Channel {
  readonly listeners = new Set<Listener>();
  #confirm: () => void = () => undefined;
  /** Resolves at the broker's first confirmation. */
  readonly confirmed = new Promise<void>((resolve) => {
    this.#confirm = resolve;
  });

  confirm(): void {
    this.#confirm();
  }

  deliver(message: JsonValue): void {
    for (const { queue } of this.listeners) queue.push(message);
  }

  announceGap(): void {
    for (const { onGap } of this.listeners) onGap?.();
  }

  announceLoss(): void {
    for (const { onLost } of this.listeners) onLost?.();
  }
}
