import type { HttpReply } from '../http-reply.js';
import { PostAnswer, type PostAnswerOptions } from '../post-answer.js';
import type { HeadWriter } from './head-writer.js';
import type { PostConnection } from './post-connection.js';

export interface PlainAnswerOptions extends PostAnswerOptions {
  readonly heads: HeadWriter;
}

/** The answer to a request that came over a {@link PostConnection}. */
export class PlainAnswer extends PostAnswer<PlainAnswerOptions> {
  readonly departure: PostConnection;
  readonly #origin: string | undefined;

  constructor(connection: PostConnection, origin: string | undefined, requestId: string, options: PlainAnswerOptions) {
    super(requestId, options);
    this.departure = connection;
    this.#origin = origin;
  }

  protected override write(reply: HttpReply, own: Readonly<Record<string, string>> | undefined): void {
    const { body = '' } = reply;
    const { requestId } = this;
    const isLast = this.options.isClosing();
    const bodyLength = Buffer.byteLength(body);
    const head = this.options.heads.write({ reply, requestId, own, origin: this.#origin, bodyLength, isLast });
    this.departure.answer(head, body, bodyLength, isLast);
  }
}
