import type { FormattedExecutionResult } from 'graphql';
import type { StreamedAnswer } from '../transport/operation-handler.js';
import type { StreamItem } from './stream-item.js';

/** An answer that many get: written once, when the first of them wants it. */
export class SharedAnswer implements StreamedAnswer {
  readonly answer: FormattedExecutionResult;
  readonly id: string | undefined;
  readonly isBeginning: boolean;
  /** See {@link StreamItem.publishedAtMs}. */
  readonly publishedAtMs: number | undefined;
  #json: string | undefined;
  #bytes: Buffer | undefined;

  /** @param event what it answers */
  constructor(answer: FormattedExecutionResult, event?: StreamItem) {
    this.answer = event === undefined ? answer : withExtensions(answer, event);
    this.id = event?.eventId;
    this.isBeginning = false;
    this.publishedAtMs = event?.publishedAtMs;
  }

  /** No event, but the id of what came before the first. */
  static beginning(eventId: string): SharedAnswer {
    const answer = new SharedAnswer({ data: null, extensions: { eventId } });
    return Object.assign(answer, { id: eventId, isBeginning: true });
  }

  get json(): string {
    return (this.#json ??= JSON.stringify(this.answer));
  }

  get bytes(): Buffer {
    return (this.#bytes ??= Buffer.from(this.json));
  }

  get byteLength(): number {
    return this.bytes.length;
  }
}

function withExtensions(answer: FormattedExecutionResult, { eventId, mayFollowGap }: StreamItem) {
  if (eventId === undefined && !mayFollowGap) return answer;
  return {
    ...answer,
    extensions: {
      ...answer.extensions,
      ...(eventId !== undefined && { eventId }),
      ...(mayFollowGap && { mayFollowGap }),
    },
  };
}
