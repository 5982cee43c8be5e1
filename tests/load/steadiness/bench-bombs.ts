import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { goBeforeNeighbours, leaveFirstCore } from '../cores.js';
import { startContender } from '../gateway/contenders/start-contender.js';
import { tessera } from '../gateway/contenders/tessera.js';
import { readMainThread } from '../gateway/thread-usage.js';
import { startGraph } from '../gateway/start-graph.js';
import { median } from '../median.js';
import { formatTable } from '../table.js';
import { abuses } from './abuses.js';
import { startAttacker, type AttackOrder, type AttackResult } from './attacker.js';
import { quantile, startSteadyLoad, type Sample, type SteadyLoad } from './steady-load.js';

/** One abuse in one round. */
interface Round extends AttackResult {
  readonly quiet: readonly Sample[];
  readonly beside: readonly Sample[];
  /** What each abuse cost the gateway's event loop. */
  readonly loopMs: number;
}

/** A process that has just started compiles and collects what it will not compile and collect again. */
const warmUpMs = 3_000;

/** How long the bystander is alone between two abuses. Of so few requests p99 tells nothing: those of a round count together. */
const quietMs = 300;

/** Measures how fast abuses are refused, and what somebody else notices of them. */
export async function benchBombs(commandLine: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '0.6' },
      only: { type: 'string', default: '' },
    },
  });
  goBeforeNeighbours();
  await leaveFirstCore();
  const chosen = [...abuses.keys()].filter((name) => name.includes(values.only));
  const results = new Map<string, Round[]>(chosen.map((name) => [name, []]));
  const graph = await startGraph('bombable');
  const gateway = await startContender(tessera, { ...graph, subgraphUrl: undefined }, 0);
  const load = await startSteadyLoad({
    port: gateway.port,
    queries: ['{ greeting }'],
    requestsPerSecond: 500,
    connections: 10,
  });
  const attacker = startAttacker();
  const durationMs = Number(values.seconds) * 1_000;
  try {
    await wait(warmUpMs);
    for (const abuse of results.keys()) {
      await attacker.carryOut({ port: gateway.port, abuse, durationMs: 0 });
    }
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const [abuse, rounds] of results) {
        rounds.push(await measure(gateway.pid, load, attacker, { port: gateway.port, abuse, durationMs }));
      }
    }
  } finally {
    await load.stop();
    await attacker.stop();
    await gateway.stop();
    await graph.stop();
  }
  report(results, load.failures);
}

async function measure(
  pid: number,
  load: SteadyLoad,
  attacker: ReturnType<typeof startAttacker>,
  order: AttackOrder,
): Promise<Round> {
  await load.begin();
  const before = await readMainThread(pid);
  await wait(quietMs);
  const [quiet, between] = [load.take(), await readMainThread(pid)];
  const result = await attacker.carryOut(order);
  const [beside, after] = [load.take(), await readMainThread(pid)];
  const usualMs = ((between.runMs - before.runMs) / quiet.length) * beside.length;
  return { ...result, quiet, beside, loopMs: (after.runMs - between.runMs - usualMs) / result.durationsMs.length };
}

/** What the bystander had in each round while nothing else was sent. */
function quietByRound(results: ReadonlyMap<string, readonly Round[]>): Sample[][] {
  const byAbuse = [...results.values()];
  return (byAbuse[0] ?? []).map((_, round) => byAbuse.flatMap((rounds) => rounds[round]?.quiet ?? []));
}

function report(results: ReadonlyMap<string, readonly Round[]>, failures: readonly string[]): void {
  const titles = ['abuse', 'code', 'slowest ms', 'loop ms', 'p99 ms alone', 'p99 ms beside', 'ratio'];
  const p99Alone = quietByRound(results).map((quiet) => quantile(quiet, 0.99));
  const rows = [...results].map(([name, rounds]) => [
    name,
    [...new Set(rounds.flatMap(({ codes }) => codes))].join(' '),
    Math.max(...rounds.flatMap(({ durationsMs }) => durationsMs)).toFixed(0),
    median(rounds.map(({ loopMs }) => loopMs)).toFixed(1),
    median(p99Alone).toFixed(1),
    median(rounds.map(({ beside }) => quantile(beside, 0.99))).toFixed(1),
    median(rounds.map(({ beside }, round) => quantile(beside, 0.99) / (p99Alone[round] ?? Number.NaN))).toFixed(2),
  ]);
  const all = [...results.values()].flat();
  const [quiet, beside] = [all.flatMap((round) => round.quiet), all.flatMap((round) => round.beside)];
  const write = (text: string): void => void process.stdout.write(`${text}\n`);
  write(formatTable(titles, rows, 2));
  for (const share of [0.5, 0.99, 0.999]) {
    const [alone, disturbed] = [quantile(quiet, share), quantile(beside, share)];
    const ratio = (disturbed / alone).toFixed(2);
    write(
      `p${share * 100} of the bystander: ${alone.toFixed(2)} ms alone, ${disturbed.toFixed(2)} ms beside, ${ratio} times`,
    );
  }
  write(`${quiet.length + beside.length} of its requests, ${failures.length} failed`);
  for (const failure of failures.slice(0, 3)) write(failure);
}
