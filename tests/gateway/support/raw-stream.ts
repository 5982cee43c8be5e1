import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';

/** An HTTP client that shows an answer's bytes as they come, and can stop reading or vanish. */
export interface RawStream {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
  /** Everything that has arrived so far. */
  text(): string;
  /** Resolves when what has arrived contains the text. */
  untilText(text: string): Promise<string>;
  /** Resolves when the answer is over; with `false` where it was cut. */
  readonly ended: Promise<boolean>;
  vanish(): void;
}

export interface RawStreamOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Sends a request; resolves when the answer's head is there. */
export async function openRawStream(url: string, options: RawStreamOptions = {}): Promise<RawStream> {
  const { method = 'POST', headers = {}, body } = options;
  const sent = request(url, {
    method,
    agent: false,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  sent.on('error', () => undefined);
  let received = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => (received += chunk));
  response.on('error', () => undefined);
  const ended = new Promise<boolean>((resolve) => response.once('close', () => resolve(response.complete)));
  return {
    request: sent,
    response,
    text: () => received,
    async untilText(text) {
      while (!received.includes(text)) {
        if (response.closed) throw new Error(`The answer ended without ${text}: ${received}`);
        await Promise.race([once(response, 'data'), once(response, 'close')]);
      }
      return received;
    },
    ended,
    vanish: () => sent.destroy(),
  };
}
