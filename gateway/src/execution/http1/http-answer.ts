import type { IncomingHttpHeaders } from 'node:http';

/** An HTTP answer as it came. */
export interface HttpAnswer {
  readonly statusCode: number;
  /** Names in small letters; what came several times is a list. */
  readonly headers: IncomingHttpHeaders;
  /** Text, where no content coding stands between it and its bytes. */
  readonly body: string | Buffer;
}

/** The connection ended before the answer did: whether the request was worked on is not known. */
export class LostConnection extends Error {
  readonly code = 'ECONNRESET';

  constructor(cause?: unknown) {
    super('The connection was closed before the answer had come', { cause });
  }
}

/** What came is not HTTP/1.1, or not in a form that is safe to read. */
export class BrokenAnswer extends Error {}
