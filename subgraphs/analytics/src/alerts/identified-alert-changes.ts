import { IdentifiedEvent } from '@tessera/service/subgraph';
import type { AlertChange } from './alert-change.js';
import type { AlertChanges } from './alert-changes.js';

type Event = IdentifiedEvent<AlertChange>;

/** Changes of alerts as events whose ids are their positions. */
export class IdentifiedAlertChanges implements AsyncIterableIterator<Event, undefined, undefined> {
  readonly #changes: AlertChanges;
  #position: number | undefined;

  /** @param position is told first */
  constructor(changes: AlertChanges, position: number | undefined) {
    this.#changes = changes;
    this.#position = position;
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    const position = this.#position;
    this.#position = undefined;
    if (position !== undefined) return { done: false, value: new IdentifiedEvent(String(position)) };
    const result = await this.#changes.next();
    if (result.done === true) return result;
    const { sequence, changedAt } = result.value;
    return { done: false, value: new IdentifiedEvent(String(sequence), result.value, changedAt) };
  }

  async return(): Promise<IteratorResult<Event, undefined>> {
    await this.#changes.return();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
