import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { http } from '@tessera/service/http';

/** What is sent, and where. */
export interface PostOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Until the head of the answer is there. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A connection that dies without a word is noticed by the system's probes; the first is sent after so long a silence. */
const probeAfterMs = 15_000;

/**
 * Sends a body, on a connection of its own, to where the answer may take for ever.
 *
 * @throws Error of the connection, or that no answer has come in time
 */
export function post({ url, headers, body, timeoutMs, signal }: PostOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? requestHttps : http.request;
    const request = send(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    const timer = setTimeout(() => request.destroy(new Error('The subgraph did not answer in time')), timeoutMs);
    request.once('socket', (socket) => socket.setKeepAlive(true, probeAfterMs));
    request.once('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(body);
  });
}

/**
 * Reads an answer that ends.
 *
 * @throws Error of the connection, or that it is too large or takes too long
 */
export async function readWhole(response: IncomingMessage, maxBytes: number, timeoutMs: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const timer = setTimeout(() => response.destroy(new Error('The answer did not end in time')), timeoutMs);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) throw new Error('The answer is too large');
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
