import type { GraphQLFormattedError } from 'graphql';
import type { RawSocket } from './raw-socket.js';

/** How many answers of so many requests, sent at the same time, had which status. */
export async function statusesOf(count: number, send: (index: number) => Promise<{ readonly status: number }>) {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => send(index)));
  const statuses = Map.groupBy(answers, ({ status }) => status);
  return Object.fromEntries([...statuses].map(([status, all]) => [status, all.length]));
}

/** Sends an operation over a socket. @returns the kind of its first message, and the extensions of its error */
export async function answerOver(socket: RawSocket, id: string, text: string) {
  socket.send({ id, type: 'subscribe', payload: { query: text } });
  const message = await socket.next();
  if (message.type === 'next') await socket.next();
  const [error] = message.type === 'error' ? (message.payload as GraphQLFormattedError[]) : [];
  return { type: message.type, extensions: error?.extensions };
}
