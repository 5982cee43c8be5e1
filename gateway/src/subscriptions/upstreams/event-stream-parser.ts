/** One event of a `text/event-stream`. */
export interface ParsedEvent {
  /** `message` where the stream does not say. */
  readonly type: string;
  readonly data: string;
  /** Undefined where this event has none of its own. */
  readonly id: string | undefined;
}

/** An event is larger than may be kept. */
export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge';
}

const lineEnd = /\r\n|\r|\n/;

/** Reads `text/event-stream` (HTML Living Standard, 9.2.6) as it comes, piece by piece. */
export class EventStreamParser {
  readonly #maxLength: number;
  #rest = '';
  #type = '';
  #data: string[] = [];
  #id: string | undefined;
  #length = 0;
  #isFirst = true;

  /** @param maxLength characters of one event */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /**
   * Takes the next piece.
   *
   * @returns the events that it completes
   * @throws EventTooLarge
   */
  read(piece: string): readonly ParsedEvent[] {
    // A byte order mark is no part of the first line.
    const text = this.#isFirst ? piece.replace(/^\uFEFF/, '') : piece;
    this.#isFirst &&= piece === '';
    const events: ParsedEvent[] = [];
    // What may be half of a line's end waits for its other half.
    const whole = this.#rest + text;
    const isHalf = whole.endsWith('\r');
    const lines = (isHalf ? whole.slice(0, -1) : whole).split(lineEnd);
    this.#rest = (lines.pop() ?? '') + (isHalf ? '\r' : '');
    for (const line of lines) {
      const event = line === '' ? this.#complete() : this.#field(line);
      if (event !== undefined) events.push(event);
    }
    if (this.#length + this.#rest.length > this.#maxLength) throw new EventTooLarge('An event is too large');
    return events;
  }

  #field(line: string): undefined {
    this.#length += line.length;
    if (this.#length > this.#maxLength) throw new EventTooLarge('An event is too large');
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#type = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
  }

  #complete(): ParsedEvent | undefined {
    const event = { type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n'), id: this.#id };
    const isEvent = this.#data.length > 0 || this.#type !== '';
    this.#type = '';
    this.#data = [];
    this.#id = undefined;
    this.#length = 0;
    return isEvent ? event : undefined;
  }
}
