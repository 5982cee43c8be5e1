import { AppError } from '../errors/index.js';
import type { JsonValue } from '../json/index.js';
import type { LiveListener } from './live-events.js';
import { isBehind, isStreamId } from './stream-id.js';

/** An event where it is kept. */
export interface StreamEvent {
  readonly id: string;
  /** JSON. */
  readonly text: string;
}

/** One who follows a stream: gets each event once and in order, whether it is read again or comes live. */
export class Follower {
  readonly after: string | undefined;
  readonly #listener: LiveListener;
  /** What came live while older events are still read; undefined once it has caught up. */
  #waiting: StreamEvent[] | undefined = [];
  #position: string | undefined;
  #isOver = false;

  constructor(listener: LiveListener, after: string | undefined) {
    this.#listener = listener;
    this.after = after;
    this.#position = after;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Behind which event it reads on. */
  get position(): string | undefined {
    return this.#position;
  }

  /** Ends it with a reason where it cannot go on behind the event that it named. @param goneId the last event that is not kept */
  check(goneId: string): void {
    if (this.after === undefined) return;
    if (!isStreamId(this.after)) {
      this.fail(new AppError('BAD_USER_INPUT', 'The last event’s id is not one of this stream'));
    } else if (isBehind(goneId, this.after)) {
      this.fail(new AppError('PRECONDITION_FAILED', 'Events behind the last one that was seen are no longer kept'));
    }
  }

  /** It is followed from here on. */
  begin(id: string): void {
    if (this.#position !== undefined) return;
    this.#position = id;
    this.#listener.began(id);
  }

  /** What was read again. */
  readAgain(events: readonly StreamEvent[]): void {
    for (const event of events) this.#tell(event);
  }

  caughtUp(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const event of waiting) this.#tell(event);
  }

  live(events: readonly StreamEvent[]): void {
    if (this.#waiting !== undefined) this.#waiting.push(...events);
    else for (const event of events) this.#tell(event);
  }

  gap(): void {
    if (!this.#isOver && this.#waiting === undefined) this.#listener.gap();
  }

  fail(error: AppError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.failed(error);
  }

  close(): void {
    this.#isOver = true;
  }

  #tell({ id, text }: StreamEvent): void {
    if (this.#isOver || (this.#position !== undefined && !isBehind(id, this.#position))) return;
    this.#position = id;
    const payload = parse(text);
    if (payload !== undefined) this.#listener.event(payload, id);
  }
}

/** @returns undefined for what is no JSON: nobody could do anything about it */
function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
