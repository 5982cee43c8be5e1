import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { createLeftovers } from '../../support/leftovers.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { goBeforeNeighbours, leaveFirstCore } from '../cores.js';
import { startContender } from '../gateway/contenders/start-contender.js';
import { tesseraWith } from '../gateway/contenders/tessera.js';
import { readMemory } from '../gateway/process-memory.js';
import { formatTable } from '../table.js';
import { nowUs } from './live-events.js';
import { readAll, stallOnEvery, stallOnLatest, stallOnStream } from './stalled-clients.js';
import { steadyTypes } from './steady-types.js';

const options = {
  /** For how long clients read nothing. */
  seconds: { type: 'string', default: '300' },
  /** Events a second. */
  rate: { type: 'string', default: '1000' },
  /** Clients that read everything meanwhile. */
  readers: { type: 'string', default: '4' },
} as const;

const fillingBytes = 1_024;
const periodSeconds = 30;
const rowTitles = ['period', 'events/s to each reader', 'p50 ms', 'p99 ms', 'MB'];

/** Measures what others notice of clients that stop reading, what it takes of memory, and what becomes of them. */
export async function benchStalledClient(commandLine: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...commandLine], options });
  const readers = Number(values.readers);
  await leaveFirstCore();
  goBeforeNeighbours();
  const leftovers = createLeftovers();
  try {
    const { url, pid } = await startGateway(leftovers, values.rate);
    let latenciesMs: number[] = [];
    const note = (at: number): void => void latenciesMs.push((nowUs() - at) / 1_000);
    for (let count = 0; count < readers; count += 1) {
      const { socket } = await readAll(url, note);
      leftovers.defer('reader', () => socket.terminate());
    }
    /** One row under {@link rowTitles}. */
    const measure = async (period: string): Promise<string[]> => {
      latenciesMs = [];
      await wait(periodSeconds * 1_000);
      const sorted = Float64Array.from(latenciesMs).sort();
      const atShare = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(0);
      const each = (sorted.length / readers / periodSeconds).toFixed(0);
      return [period, each, atShare(0.5), atShare(0.99), (await readMemory(pid)).toFixed(0)];
    };
    const stalled = [
      await stallOnLatest(url),
      await stallOnEvery(url),
      await stallOnStream(url, 'event stream', 'text/event-stream'),
      await stallOnStream(url, 'multipart', 'multipart/mixed;subscriptionSpec=1.0'),
    ];
    for (const client of stalled) leftovers.defer(client.name, () => client.close());
    await wait(periodSeconds * 1_000);

    const rows = [await measure('all read'), await measure('all read')];
    for (const client of stalled) client.stall();
    for (let second = 0; second < Number(values.seconds); second += periodSeconds) {
      rows.push(await measure(`stalled for ${second + periodSeconds} s`));
    }
    process.stdout.write(`${formatTable(rowTitles, rows, 1)}\n`);
    for (const client of stalled) process.stdout.write(`${client.name}: ${await client.goOn()}\n`);
  } finally {
    await leftovers.close();
  }
}

async function startGateway(leftovers: ReturnType<typeof createLeftovers>, rate: string) {
  const script = fileURLToPath(new URL('./steady-process.js', import.meta.url));
  const source = fork(script, [rate, String(fillingBytes)]);
  leftovers.defer('source', () => source.kill());
  const [sourcePort] = (await once(source, 'message')) as [number];
  const { supergraphSdl, errors } = composeServices([
    { name: 'steady', url: `http://127.0.0.1:${sourcePort}/graphql`, typeDefs: parse(steadyTypes) },
  ]);
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join('\n'));
  const folder = await temporaryFolder('bench-stalled-client');
  leftovers.defer('folder', () => rm(folder, { recursive: true }));
  const supergraphPath = join(folder, 'supergraph.graphql');
  await writeFile(supergraphPath, supergraphSdl);
  // Pings would cut who does not answer them, and with them go what is to be seen here.
  const gateway = tesseraWith({ SOCKET_PING_INTERVAL_MS: '0' });
  const { port, pid, stop } = await startContender(gateway, { supergraphPath, subgraphUrl: undefined }, 0);
  leftovers.defer('gateway', stop);
  return { url: `http://127.0.0.1:${port}/graphql`, pid };
}
