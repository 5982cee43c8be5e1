import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readCoreTimes } from '../core-times.js';
import { goBeforeNeighbours, leaveFirstCore } from '../cores.js';
import { startContender } from '../gateway/contenders/start-contender.js';
import { tessera } from '../gateway/contenders/tessera.js';
import { readUsage } from '../gateway/process-usage.js';
import { startGraph } from '../gateway/start-graph.js';
import { readMainThread } from '../gateway/thread-usage.js';
import { median } from '../median.js';
import { formatTable } from '../table.js';
import { faults } from './faults.js';
import { startFaultySubgraph } from './faulty-subgraph.js';
import { quantile, startSteadyLoad, type Sample, type SteadyLoad } from './steady-load.js';
import { describeDisturbance, measureUndisturbed, type Disturbed } from './undisturbed.js';
import { startVictim, type VictimResult } from './victim.js';

/** One fault in one round. */
interface Round extends VictimResult, Disturbed {
  readonly upstreamRequests: number;
  readonly beside: readonly Sample[];
  /** How much of its time the gateway's event loop worked. */
  readonly loopShare: number;
}

/** The longest that a subgraph may take here; the default of ten seconds would only make this take longer. */
const environment = { ...tessera.environment, SUBGRAPH_TIMEOUT_MS: '1000' };
/** How long a subgraph is given to be asked again before the next fault; a circuit may stay open for 30 seconds. */
const maxRecoveryMs = 60_000;
const pollMs = 100;
/** How often a fault is tried for a time in which the host leaves the cores alone. */
const maxAttempts = 8;

/** Measures what operations notice of a subgraph that they do not touch, and how often that one is asked. */
export async function benchFaultySubgraph(commandLine: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      rounds: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '2' },
      only: { type: 'string', default: '' },
    },
  });
  goBeforeNeighbours();
  await leaveFirstCore();
  const durationMs = Number(values.seconds) * 1_000;
  const graph = await startGraph('pair');
  const subgraph = startFaultySubgraph();
  const { port: faultyPort } = await subgraph.fail('well');
  const sdl = await readFile(graph.supergraphPath, 'utf8');
  const faultyUrl = `http://127.0.0.1:${faultyPort}/graphql`;
  await writeFile(graph.supergraphPath, sdl.replace(graph.urls.get('faulty') ?? '', faultyUrl));
  const gateway = await startContender({ ...tessera, environment }, { ...graph, subgraphUrl: undefined }, 0);
  const load = await startSteadyLoad({
    port: gateway.port,
    queries: ['{ healthy }'],
    requestsPerSecond: 300,
    connections: 10,
  });
  const names = [...faults.keys(), 'dead'].filter((name) => name === 'well' || name.includes(values.only));
  const results = new Map<string, Round[]>(names.map((name) => [name, []]));
  const victim = startVictim();
  const order = { port: gateway.port, durationMs };
  async function measure(name: string): Promise<Round> {
    await subgraph.fail(name);
    await load.begin();
    const { stolenMs } = await readCoreTimes();
    const [before, startedAtMs] = [await readMainThread(gateway.pid), performance.now()];
    const result = await victim.carryOut(order);
    const [after, elapsedMs] = [await readMainThread(gateway.pid), performance.now() - startedAtMs];
    const round = {
      ...result,
      beside: load.take(),
      stolenMs: (await readCoreTimes()).stolenMs - stolenMs,
      loopShare: (after.runMs - before.runMs) / elapsedMs,
    };
    if (name === 'dead') return { ...round, upstreamRequests: Number.NaN };
    const { requests: upstreamRequests } = await subgraph.fail('well');
    await recover(victim, gateway.port);
    return { ...round, upstreamRequests };
  }

  try {
    await victim.carryOut(order);
    for (let round = 1; round <= Number(values.rounds); round += 1) {
      for (const [name, rounds] of results) {
        // Nobody listens for the rest of the bench once it is dead.
        if (name === 'dead' && round < Number(values.rounds)) continue;
        // Once it is dead there is no other try.
        const attempts = name === 'dead' ? 1 : maxAttempts;
        rounds.push(await measureUndisturbed(() => measure(name), attempts));
      }
    }
    const { peakResidentMegabytes } = await readUsage(gateway.pid);
    report(results, load, peakResidentMegabytes);
  } finally {
    await load.stop();
    await victim.stop();
    await gateway.stop();
    await subgraph.stop();
    await graph.stop();
  }
}

/** Waits until operations that need the subgraph are answered again. */
async function recover(victim: ReturnType<typeof startVictim>, port: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < maxRecoveryMs; waitedMs += pollMs) {
    const { outcomes } = await victim.carryOut({ port, durationMs: pollMs });
    if (outcomes.every((outcome) => outcome === 'well')) return;
  }
  throw new Error('The gateway does not ask the subgraph again');
}

function report(results: ReadonlyMap<string, readonly Round[]>, { failures }: SteadyLoad, peakMegabytes: number): void {
  const titles = ['subgraph', 'answers', 'slowest ms', 'asked per request', 'loop %', 'p50 ms', 'p99 ms', 'ratio'];
  const p99Of = (rounds: readonly Round[]): number => median(rounds.map(({ beside }) => quantile(beside, 0.99)));
  const usual = p99Of(results.get('well') ?? []);
  const rows = [...results].map(([name, rounds]) => [
    name,
    [...new Set(rounds.flatMap(({ outcomes }) => [...outcomes]))].join(' '),
    Math.max(...rounds.map(({ slowestMs }) => slowestMs)).toFixed(0),
    median(rounds.map(({ requests, upstreamRequests }) => upstreamRequests / requests)).toFixed(2),
    median(rounds.map(({ loopShare }) => loopShare * 100)).toFixed(0),
    median(rounds.map(({ beside }) => quantile(beside, 0.5))).toFixed(2),
    p99Of(rounds).toFixed(1),
    (p99Of(rounds) / usual).toFixed(2),
  ]);
  const all = [...results.values()].flat();
  const wrong = all.flatMap((round) => round.wrong);
  const lines = [
    formatTable(titles, rows, 2),
    `The last three columns are of operations that do not need the subgraph; ${failures.length} of them failed`,
    `${wrong.length} answers lack what was there, or have the error elsewhere; at most ${peakMegabytes.toFixed(0)} MB of memory`,
    describeDisturbance(all),
    ...wrong.slice(0, 3),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
