import { median } from '../median.js';
import { databaseTime } from './database-time.js';

/** How many requests are under way at a time: as many as there are connections. */
export const concurrency = 10;
/** The ways take turns so short that a neighbour on the machine meets all of them. */
const turnMs = 200;
const turnsInRound = 5;

export type Request = (tenantId: string) => Promise<void>;

export interface Comparison {
  readonly tenantIds: readonly string[];
  readonly rounds: number;
  /** Where the server's files are. */
  readonly folder: string;
}

/** Of one way, medians of its turns. */
export interface Cost {
  readonly perSecond: number;
  /** Processor time of a request, of this process and of PostgreSQL. */
  readonly processorMs: number;
  /** PostgreSQL's part of it. */
  readonly databaseMs: number;
  /** How many times the processor time of the first way, turn by turn. */
  readonly times: number;
  /** How many times fewer requests a second than by the first way, turn by turn. */
  readonly timesByRate: number;
}

type Turn = Pick<Cost, 'perSecond' | 'processorMs' | 'databaseMs'>;

/** Measures ways of doing a request, in turns that alternate. */
export async function compareCosts(ways: readonly Request[], comparison: Comparison): Promise<readonly Cost[]> {
  const turns: Turn[][] = [];
  // The first round warms pools, plans and pages up.
  for (let turn = -turnsInRound; turn < comparison.rounds * turnsInRound; turn += 1) {
    const measured: Turn[] = [];
    for (const way of ways) measured.push(await measure(way, comparison));
    if (turn >= 0) turns.push(measured);
  }
  const of = (index: number, what: (turn: Turn, first: Turn) => number): number =>
    median(turns.flatMap((each) => (each[index] && each[0] ? [what(each[index], each[0])] : [])));
  return ways.map((_, index) => ({
    perSecond: of(index, ({ perSecond }) => perSecond),
    processorMs: of(index, ({ processorMs }) => processorMs),
    databaseMs: of(index, ({ databaseMs }) => databaseMs),
    times: of(index, ({ processorMs }, first) => processorMs / first.processorMs),
    timesByRate: of(index, ({ perSecond }, first) => first.perSecond / perSecond),
  }));
}

async function measure(request: Request, { tenantIds, folder }: Comparison): Promise<Turn> {
  const databaseBefore = await databaseTime(folder);
  const before = process.cpuUsage();
  const startMs = performance.now();
  let done = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - startMs < turnMs) {
      done += 1;
      await request(tenantIds[(done * 7919) % tenantIds.length] ?? '');
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(before);
  const databaseMs = ((await databaseTime(folder)) - databaseBefore) / done;
  return {
    perSecond: (done * 1_000) / tookMs,
    processorMs: (user + system) / 1_000 / done + databaseMs,
    databaseMs,
  };
}
