import { once } from 'node:events';
import { openRawSocket, type RawSocket } from '../../gateway/support/raw-socket.js';
import { openRawStream, type RawStream } from '../../gateway/support/raw-stream.js';

/** A client that takes nothing from its connection for a while. */
export interface StalledClient {
  readonly name: string;
  stall(): void;
  /** Reads again. @returns what became of it */
  goOn(): Promise<string>;
  close(): void;
}

/** Long enough to read what waits, and to hear of a closing. */
const readingMs = 5_000;

/** One that is told only the latest event: it is to get that, and to go on. */
export async function stallOnLatest(url: string): Promise<StalledClient> {
  const { socket, send } = await openSocket(url, 'latest');
  let count = 0;
  let closed = '';
  socket.on('message', () => (count += 1));
  socket.once('close', (code) => (closed = `, closed with ${code}`));
  return {
    name: 'latest, by WebSocket',
    stall: () => socket.pause(),
    async goOn() {
      count = 0;
      socket.resume();
      await pass(1_000);
      // What came with the first pieces had waited; now it follows the events again.
      const waited = count;
      await pass(readingMs);
      send({ id: '1', type: 'complete' });
      return `got ${waited} in its first second, ${Math.round((count - waited) / 5)} a second from then on${closed}`;
    },
    close: () => socket.terminate(),
  };
}

/** One that may miss no event: it is to be closed. */
export async function stallOnEvery(url: string): Promise<StalledClient> {
  const { socket, closed } = await openSocket(url, 'every');
  let count = 0;
  socket.on('message', () => (count += 1));
  return {
    name: 'every, by WebSocket',
    stall: () => socket.pause(),
    async goOn() {
      count = 0;
      socket.resume();
      const ending = await Promise.race([closed, pass(readingMs)]);
      return `got ${count} that were on their way, then ${ending === undefined ? 'went on' : `${ending.code} ${ending.reason}`}`;
    },
    close: () => socket.terminate(),
  };
}

/** The same by an event stream or a multipart stream: it is to be cut. */
export async function stallOnStream(url: string, name: string, accept: string): Promise<StalledClient> {
  const stream: RawStream = await openRawStream(url, { headers: { accept }, body: { query: queryOf('every') } });
  await once(stream.response, 'data');
  return {
    name: `every, by ${name}`,
    stall: () => stream.response.pause(),
    async goOn() {
      stream.response.resume();
      const isWhole = await Promise.race([stream.ended, pass(readingMs)]);
      if (isWhole === undefined) return 'went on';
      return isWhole ? 'was ended' : 'was cut';
    },
    close: () => stream.vanish(),
  };
}

/** Reads everything, and notes how long each event took. */
export async function readAll(url: string, note: (at: number) => void): Promise<RawSocket> {
  const reader = await openSocket(url, 'every');
  const read = async (): Promise<void> => {
    for (;;) {
      const { payload } = await reader.next();
      const { data } = (payload ?? {}) as { readonly data?: { readonly every?: { readonly at: number } } };
      if (data?.every !== undefined) note(data.every.at);
    }
  };
  void read();
  return reader;
}

const queryOf = (field: string): string => `subscription { ${field} { at filling } }`;

async function openSocket(url: string, field: string): Promise<RawSocket> {
  const socket = await openRawSocket(url.replace('http', 'ws'));
  await socket.initialise();
  socket.send({ id: '1', type: 'subscribe', payload: { query: queryOf(field) } });
  return socket;
}

function pass(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds));
}
