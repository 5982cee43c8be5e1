import type { IncomingMessage } from 'node:http';

/**
 * Reads the body of a request that has said how long it is: Node's parser lets no more than that through. A body that does not come to
 * its end is nobody's any more, for its client has gone.
 */
export function readBody(message: IncomingMessage, onBody: (body: Buffer) => void): void {
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  message.on('data', (chunk: Buffer) => {
    if (first === undefined) first = chunk;
    else (rest ??= []).push(chunk);
  });
  message.on('end', () => {
    if (first === undefined) onBody(Buffer.alloc(0));
    else onBody(rest === undefined ? first : Buffer.concat([first, ...rest]));
  });
  message.on('error', () => message.destroy());
}
