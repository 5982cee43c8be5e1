import { OversizedAnswer } from '../subgraph-errors.js';
import { MeasuredBody, OpenBody, type BodyReader } from './body-reader.js';
import { ChunkedBody } from './chunked-body.js';
import { BrokenAnswer, type HttpAnswer } from './http-answer.js';
import { parseHead, type ResponseHead } from './response-head.js';
import { maxPiecesBytes, type SpareBlocks } from './spare-blocks.js';

const maxHeadBytes = 32_768;
const endOfHead = Buffer.from('\r\n\r\n');

/** Reads one answer out of the bytes of a connection. */
export class ResponseReader {
  readonly #maxBytes: number;
  readonly #spare: SpareBlocks;
  #partialHead: Buffer | undefined;
  #head: ResponseHead | undefined;
  #body: BodyReader | undefined;
  #hasSurplus = false;

  /** @param maxBytes the largest body that is read */
  constructor(maxBytes: number, spare: SpareBlocks) {
    this.#maxBytes = maxBytes;
    this.#spare = spare;
  }

  /** How long the connection may stay idle behind this answer; 0 where it must not be used again. */
  get keepAliveMs(): number {
    // Bytes behind the answer would be taken for the next one, and that is somebody else's.
    return this.#hasSurplus ? 0 : (this.#head?.keepAliveMs ?? 0);
  }

  /** Whether it has memory that others wait for. */
  get holdsBlocks(): boolean {
    return typeof this.#head?.length !== 'number' && (this.#body?.length ?? 0) > maxPiecesBytes;
  }

  /**
   * Takes over what came; the bytes may be written over afterwards.
   *
   * @returns the answer when it is complete
   * @throws BrokenAnswer, OversizedAnswer
   */
  read(bytes: Buffer): HttpAnswer | undefined {
    if (this.#head !== undefined) return this.#readBody(bytes, 0, this.#head);
    const received = this.#partialHead === undefined ? bytes : Buffer.concat([this.#partialHead, bytes]);
    let position = 0;
    for (;;) {
      const end = received.indexOf(endOfHead, position);
      if ((end === -1 ? received.length : end) - position > maxHeadBytes) {
        throw new BrokenAnswer('The answer has a head that is too long');
      }
      if (end === -1) {
        this.#partialHead = Buffer.from(received.subarray(position));
        return undefined;
      }
      const head = parseHead(received.toString('latin1', position, end));
      position = end + endOfHead.length;
      if (head.statusCode === 101)
        throw new BrokenAnswer('The answer changes the protocol, for which nobody has asked');
      // Others below 200 only say that the answer will come.
      if (head.statusCode < 200) continue;
      this.#head = head;
      return this.#readBody(received, position, head);
    }
  }

  /** The connection has ended. @returns the answer where this is how its end is told */
  end(): HttpAnswer | undefined {
    if (this.#head?.length !== 'close') return undefined;
    const bytes = this.#body?.bytes() ?? Buffer.alloc(0);
    return answerOf(this.#head, bytes, 0, bytes.length);
  }

  /** Nothing of it is read any more: what it took is free for others. */
  discard(): void {
    this.#body?.discard();
  }

  #readBody(received: Buffer, position: number, head: ResponseHead): HttpAnswer | undefined {
    const { length } = head;
    if (typeof length === 'number' && this.#body === undefined) {
      if (length > this.#maxBytes) throw new OversizedAnswer(this.#maxBytes);
      const end = position + length;
      // The usual case: the whole body has come at once and is decoded where it lies.
      if (received.length >= end) {
        this.#hasSurplus = received.length > end;
        return answerOf(head, received, position, end);
      }
    }
    this.#body ??= createBody(length, this.#spare);
    const rest = position === 0 ? received : received.subarray(position);
    const consumed = this.#body.read(rest);
    if (this.#body.length > this.#maxBytes) throw new OversizedAnswer(this.#maxBytes);
    if (consumed === undefined) return undefined;
    this.#hasSurplus = consumed < rest.length;
    const bytes = this.#body.bytes();
    return answerOf(head, bytes, 0, bytes.length);
  }
}

function createBody(length: ResponseHead['length'], spare: SpareBlocks): BodyReader {
  if (length === 'chunked') return new ChunkedBody(spare);
  return length === 'close' ? new OpenBody(spare) : new MeasuredBody(length);
}

function answerOf({ statusCode, headers }: ResponseHead, bytes: Buffer, start: number, end: number): HttpAnswer {
  const coding = headers['content-encoding'];
  const isText = coding === undefined || coding === 'identity';
  return {
    statusCode,
    headers,
    body: isText ? bytes.toString('utf8', start, end) : Buffer.copyBytesFrom(bytes, start, end - start),
  };
}
