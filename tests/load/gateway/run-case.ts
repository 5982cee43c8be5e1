import { isDeepStrictEqual } from 'node:util';
import type { Contender } from './contenders/contender.js';
import { startContender, type RunningContender } from './contenders/start-contender.js';
import type { BenchCase } from './bench-cases.js';
import { runLoad, type LoadResult } from './load.js';
import { readMemory } from './process-memory.js';
import { readUsage } from './process-usage.js';
import { startGraph } from './start-graph.js';

/** What one contender showed in one round. */
export interface Round extends LoadResult {
  /** Processor time of the gateway's process, all threads, for each request. */
  readonly processorMsPerRequest: number;
  /** How many requests subgraphs got for each request: a fraction of what the plan has would mean that some are shared. */
  readonly fetchesPerRequest: number;
  /** At its end. */
  readonly memoryMegabytes: number;
}

/** What one contender showed in one case. */
export interface ContenderResult {
  readonly contender: string;
  readonly rounds: readonly Round[];
  readonly startupMs: number;
  /** The most that was seen at the end of a round, planners' processes included. */
  readonly memoryMegabytes: number;
}

/** What all contenders showed in one case. */
export interface CaseResult {
  readonly name: string;
  readonly answerBytes: number;
  readonly results: readonly ContenderResult[];
}

export interface RunOptions {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
  /** The contenders' core; load and subgraphs have the others. */
  readonly core: number;
}

/** Runs a case: all contenders are started, warmed up, and then loaded in turn, round by round. */
export async function runCase(
  benchCase: BenchCase,
  contenders: readonly Contender[],
  options: RunOptions,
): Promise<CaseResult> {
  const { query, variables, connections, servedBy } = benchCase;
  const graph = await startGraph(benchCase.graph);
  const running: RunningContender[] = [];
  try {
    const expected = await graph.answer(query, variables);
    const load = ({ contender, port }: RunningContender, durationMs: number): Promise<LoadResult> =>
      runLoad({
        port,
        path: contender.path,
        method: contender.method,
        headers: contender.headers,
        body: contender.bodyOf?.(query, variables) ?? JSON.stringify({ query, variables }),
        connections,
        durationMs,
        verify: (answer) => verify(contender, answer, expected),
      });
    const target = {
      supergraphPath: graph.supergraphPath,
      subgraphUrl: servedBy === undefined ? undefined : graph.urls.get(servedBy),
    };
    for (const contender of contenders) running.push(await startContender(contender, target, options.core));
    for (const contender of running) await load(contender, options.warmUpMs);

    const rounds = new Map<RunningContender, Round[]>(running.map((contender) => [contender, []]));
    for (let round = 0; round < options.rounds; round += 1) {
      for (const [contender, results] of rounds) {
        const [before, fetchesBefore] = [await readUsage(contender.pid), await graph.countRequests()];
        const result = await load(contender, options.roundMs);
        const [after, fetches] = [await readUsage(contender.pid), await graph.countRequests()];
        results.push({
          ...result,
          processorMsPerRequest: (after.processorMs - before.processorMs) / result.requests,
          fetchesPerRequest: (fetches - fetchesBefore) / result.requests,
          memoryMegabytes: await readMemory(contender.pid),
        });
      }
    }
    const results: ContenderResult[] = [];
    for (const [{ contender, startupMs }, ofContender] of rounds) {
      const memoryMegabytes = Math.max(...ofContender.map((round) => round.memoryMegabytes));
      results.push({ contender: contender.name, rounds: ofContender, startupMs, memoryMegabytes });
    }
    return { name: benchCase.name, answerBytes: Buffer.byteLength(JSON.stringify(expected)), results };
  } finally {
    for (const contender of running) await contender.stop();
    await graph.stop();
  }
}

function verify({ name, readAnswer = JSON.parse }: Contender, answer: string, expected: unknown): void {
  if (!isDeepStrictEqual(readAnswer(answer), expected)) {
    throw new Error(`${name} answers wrong: ${answer.slice(0, 1_000)}`);
  }
}
