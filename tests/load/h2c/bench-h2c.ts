import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readUsage } from '../gateway/process-usage.js';
import { median } from '../median.js';
import { formatTable } from '../table.js';
import { createSenders, type Sender } from './senders.js';

interface Round {
  readonly requestsPerSecond: number;
  /** Microseconds of this process for each request. */
  readonly clientMicros: number;
  /** And of the subgraph's. */
  readonly serverMicros: number;
}

const concurrency = 50;

/** Asks whether HTTP/2 without TLS costs less than kept HTTP/1.1 connections do. */
export async function benchH2c(commandLine: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...commandLine],
    options: { rounds: { type: 'string', default: '7' }, seconds: { type: 'string', default: '1' } },
  });
  const child = fork(fileURLToPath(new URL('./h2c-server-process.js', import.meta.url)));
  const [[http1Port = 0, http2Port = 0]] = (await once(child, 'message')) as [number[]];
  const senders = createSenders(http1Port, http2Port);
  const results = new Map<Sender, Round[]>(senders.map((sender) => [sender, []]));
  const durationMs = Number(values.seconds) * 1_000;
  for (const sender of senders) await run(sender, child.pid ?? 0, durationMs);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [sender, rounds] of results) rounds.push(await run(sender, child.pid ?? 0, durationMs));
  }
  await Promise.all(senders.map((sender) => sender.close()));
  child.disconnect();
  await once(child, 'exit');
  const titles = ['client', 'requests/s', 'client us/request', 'own x', 'server us/request', 'both us'];
  const middle = (rounds: readonly Round[], value: (round: Round) => number): number => median(rounds.map(value));
  const own = middle([...results.values()][0] ?? [], ({ clientMicros }) => clientMicros);
  const rows = [...results].map(([{ name }, rounds]) => {
    const client = middle(rounds, ({ clientMicros }) => clientMicros);
    const server = middle(rounds, ({ serverMicros }) => serverMicros);
    return [
      name,
      middle(rounds, ({ requestsPerSecond }) => requestsPerSecond).toFixed(0),
      client.toFixed(1),
      (client / own).toFixed(2),
      server.toFixed(1),
      (client + server).toFixed(1),
    ];
  });
  process.stdout.write(`${formatTable(titles, rows, 1)}\n`);
}

async function run(sender: Sender, serverPid: number, durationMs: number): Promise<Round> {
  const body = JSON.stringify({
    query:
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Product { name } } }',
    variables: { representations: Array.from({ length: 10 }, (_, id) => ({ __typename: 'Product', id })) },
  });
  const [cpuBefore, serverBefore, startedAtMs] = [process.cpuUsage(), await readUsage(serverPid), performance.now()];
  let requests = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() - startedAtMs < durationMs) {
      if ((await sender.send(body)) < 100) throw new Error(`${sender.name} got no answer`);
      requests += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  const elapsedMs = performance.now() - startedAtMs;
  const [{ user, system }, serverAfter] = [process.cpuUsage(cpuBefore), await readUsage(serverPid)];
  return {
    requestsPerSecond: (requests / elapsedMs) * 1_000,
    clientMicros: (user + system) / requests,
    serverMicros: ((serverAfter.processorMs - serverBefore.processorMs) * 1_000) / requests,
  };
}
