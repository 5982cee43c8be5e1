import { median } from '../median.js';
import { databaseTime } from './database-time.js';

/** How many requests are under way at a time: as many as there are connections. */
export const concurrency = 10;
/** The ways take turns so short that a neighbour on the machine meets all of them. */
const turnMs = 200;
const turnsInRound = 5;

/** One way of doing a request. */
export interface Way {
  readonly name: string;
  request(tenantId: string): Promise<void>;
  /** Name of the way that it is compared to; absent for one that others are compared to. */
  readonly against?: string;
}

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
  /** How many times the processor time of the way it is compared to, turn by turn. */
  readonly times: number;
  /** How many times fewer requests a second, turn by turn. */
  readonly timesByRate: number;
}

type Turn = Pick<Cost, 'perSecond' | 'processorMs' | 'databaseMs'>;

/** Measures ways of doing a request, in turns that alternate. */
export async function compareCosts(ways: readonly Way[], comparison: Comparison): Promise<readonly Cost[]> {
  const turns: Turn[][] = [];
  // The first round warms pools, plans and pages up.
  for (let turn = -turnsInRound; turn < comparison.rounds * turnsInRound; turn += 1) {
    const measured: Turn[] = [];
    for (const way of ways) measured.push(await measure(way, comparison));
    if (turn >= 0) turns.push(measured);
  }
  return ways.map(({ name, against = name }, index) => {
    const other = ways.findIndex((way) => way.name === against);
    const of = (what: (turn: Turn, other: Turn) => number): number =>
      median(turns.flatMap((each) => (each[index] && each[other] ? [what(each[index], each[other])] : [])));
    return {
      perSecond: of(({ perSecond }) => perSecond),
      processorMs: of(({ processorMs }) => processorMs),
      databaseMs: of(({ databaseMs }) => databaseMs),
      times: of(({ processorMs }, base) => processorMs / base.processorMs),
      timesByRate: of(({ perSecond }, base) => base.perSecond / perSecond),
    };
  });
}

async function measure(way: Way, { tenantIds, folder }: Comparison): Promise<Turn> {
  const databaseBefore = await databaseTime(folder);
  const before = process.cpuUsage();
  const startMs = performance.now();
  let done = 0;
  const work = async (): Promise<void> => {
    while (performance.now() - startMs < turnMs) {
      done += 1;
      await way.request(tenantIds[(done * 7919) % tenantIds.length] ?? '');
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
