import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Answers one request on a socket, in its way. */
export type Fault = (socket: Socket) => void | Promise<void>;

const hugeBytes = 100 * 1024 * 1024;
const slowMs = 500;
const dripMs = 50;

const head = (length: number): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
const message = (body: string): string => head(Buffer.byteLength(body)) + body;
const answer = message('{"data":{"faulty":"faulty"}}');

/** As large as a garbage collector likes to get it. */
const filler = Buffer.alloc(64 * 1024, 'x');

async function drip(socket: Socket): Promise<void> {
  for (const character of answer) {
    if (socket.destroyed) return;
    socket.write(character);
    await wait(dripMs);
  }
}

/** Waits until so many bytes may leave. */
type Pace = (bytes: number) => Promise<void>;

/** As a network has it, all connections together: nobody's memory is as near to a gateway as that of the same machine. */
function createPace(bytesPerMs: number): Pace {
  let freeAtMs = 0;
  return async (bytes) => {
    const nowMs = performance.now();
    freeAtMs = Math.max(freeAtMs, nowMs) + bytes / bytesPerMs;
    if (freeAtMs - nowMs > 1) await wait(freeAtMs - nowMs);
  };
}

const hugeHead = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
const hugeChunk = Buffer.concat([Buffer.from(`${filler.length.toString(16)}\r\n`), filler, Buffer.from('\r\n')]);

/** With its length told only chunk by chunk, so that nobody can refuse it by its head. */
function sendHuge(pace: Pace): Fault {
  return async (socket) => {
    socket.write(hugeHead);
    // Whoever is sent too much may leave without ceremony.
    const closed = once(socket, 'close').catch(() => undefined);
    for (let sent = 0; sent < hugeBytes && !socket.destroyed; sent += filler.length) {
      await pace(filler.length);
      if (!socket.write(hugeChunk)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
    }
    if (!socket.destroyed) socket.write('0\r\n\r\n');
  };
}

/** What a subgraph can do instead of what it should; of those that are asked at the gateway's tempo. */
export const faults: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ['well', (socket) => void socket.write(answer)],
  ['slow', (socket) => void setTimeout(() => socket.write(answer), slowMs)],
  ['hanging', () => undefined],
  ['resetting', (socket) => void socket.resetAndDestroy()],
  ['garbage', (socket) => void socket.write(message('<html>No GraphQL here</html>'))],
  ['no HTTP', (socket) => void socket.end('SSH-2.0-OpenSSH_10.0\r\n')],
  ['failing', (socket) => void socket.write('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n')],
  ['half an answer', (socket) => void socket.end(answer.slice(0, -10))],
  ['dripping', drip],
  ['100 MB at 1 Gbit/s', sendHuge(createPace(125_000))],
  ['100 MB at once', sendHuge(async () => undefined)],
]);
