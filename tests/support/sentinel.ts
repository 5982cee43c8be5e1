import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A Sentinel that answers when it is told to. */
export interface Sentinel {
  readonly port: number;
  /** From now on who asks for the master waits. @returns resolves when somebody asks */
  hold(): Promise<void>;
  /** Answers those who wait, and everybody from now on. */
  release(): void;
  /** Resolves when somebody listens for failovers. */
  watched(): Promise<void>;
  /** Tells of a failover. Resolves when those who listened have gone, as clients do that look for the master again. */
  announceFailover(): Promise<void>;
  stop(): Promise<void>;
}

const channel = '+switch-master';

/** Starts a Sentinel for a master on this machine; see redis.io's documentation of Sentinel clients. */
export async function startSentinel(masterPort: number): Promise<Sentinel> {
  const asked = new EventEmitter();
  const watchers = new Set<Socket>();
  const sockets = new Set<Socket>();
  let waiting: (() => void)[] | undefined;

  function answer(socket: Socket, [name = '', argument]: readonly string[]): void {
    const isQuestion = name === 'sentinel' && argument === 'get-master-addr-by-name';
    if (isQuestion) whenReleased(() => socket.write(array('127.0.0.1', String(masterPort))));
    else if (name === 'sentinel') socket.write('*0\r\n');
    else if (name === 'subscribe') watch(socket);
    // Clients then speak RESP2.
    else if (name === 'hello') socket.write("-ERR unknown command 'HELLO'\r\n");
    else socket.write('+OK\r\n');
  }

  function whenReleased(reply: () => void): void {
    if (waiting === undefined) return reply();
    waiting.push(reply);
    asked.emit('question');
  }

  function watch(socket: Socket): void {
    socket.write(`*3\r\n${bulk('subscribe')}${bulk(channel)}:1\r\n`);
    watchers.add(socket);
    socket.once('close', () => watchers.delete(socket));
    asked.emit('watched');
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => commandsOf(chunk.toString()).forEach((command) => answer(socket, command)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async hold() {
      waiting = [];
      await once(asked, 'question');
    },
    release() {
      const replies = waiting ?? [];
      waiting = undefined;
      for (const reply of replies) reply();
    },
    async watched() {
      if (watchers.size === 0) await once(asked, 'watched');
    },
    async announceFailover() {
      const gone = [...watchers].map((socket) => once(socket, 'close'));
      for (const socket of watchers) socket.write(array('message', channel, 'main 127.0.0.1 1 127.0.0.1 2'));
      await Promise.all(gone);
    },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Commands as clients send them, each whole: arrays of bulk strings. The first two words in lower case. */
function commandsOf(text: string): string[][] {
  return text
    .split(/^\*\d+\r\n/m)
    .filter((part) => part !== '')
    .map((part) => part.split('\r\n').filter((line) => line !== '' && !line.startsWith('$')))
    .map(([name = '', argument = '', ...rest]) => [name.toLowerCase(), argument.toLowerCase(), ...rest]);
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const array = (...texts: readonly string[]): string => `*${texts.length}\r\n${texts.map(bulk).join('')}`;
