import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';

const maxDiscardedBytes = 16 * 1024 ** 2;
const maxDiscardMs = 2_000;

/**
 * Reads on for a moment what a refused client is still sending. Closing a socket with unread bytes resets it, and a reset
 * can overtake the answer that says why: the client would see a broken connection instead of its mistake.
 */
export async function discardBody(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return;
  const enough = new AbortController();
  let seenBytes = 0;
  request.on('data', (chunk: Buffer) => {
    seenBytes += chunk.length;
    if (seenBytes > maxDiscardedBytes) enough.abort();
  });
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(maxDiscardMs)]);
  // Whether the client finishes, goes away or talks on: in the end the answer is sent.
  await finished(request, { signal, writable: false }).catch(() => undefined);
}
