import { median } from '../median.js';
import type { CaseResult, ContenderResult, Round } from './run-case.js';

/** One line of the report: a contender in a case, the middle of its rounds. */
export interface SummaryLine {
  readonly case: string;
  readonly contender: string;
  readonly requestsPerSecond: number;
  readonly lowest: number;
  readonly highest: number;
  /** How many times as many requests Tessera answered in the same round. */
  readonly tesseraTimes: number;
  readonly processorMsPerRequest: number;
  /** The same ratio by processor time, which neighbours on the machine hardly disturb. */
  readonly tesseraTimesByProcessor: number;
  /** What stock needs, in the same rounds, for each millisecond that this one does; none without stock. */
  readonly stockTimesByProcessor: number;
  readonly fetchesPerRequest: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  readonly startupMs: number;
  readonly memoryMegabytes: number;
}

/** Sums up a case, Tessera against each of the others. */
export function summarise({ name, results }: CaseResult): SummaryLine[] {
  const own = results.find(({ contender }) => contender === 'tessera');
  const stock = results.find(({ contender }) => contender === 'stock');
  return results.map((result) => {
    const rates = result.rounds.map(({ requestsPerSecond }) => requestsPerSecond);
    return {
      case: name,
      contender: result.contender,
      requestsPerSecond: median(rates),
      lowest: Math.min(...rates),
      highest: Math.max(...rates),
      tesseraTimes: ratio(own, result, (ours, theirs) => ours.requestsPerSecond / theirs.requestsPerSecond),
      processorMsPerRequest: median(result.rounds.map(({ processorMsPerRequest }) => processorMsPerRequest)),
      tesseraTimesByProcessor: ratio(
        own,
        result,
        (ours, theirs) => theirs.processorMsPerRequest / ours.processorMsPerRequest,
      ),
      stockTimesByProcessor: ratio(
        stock,
        result,
        (stocks, theirs) => stocks.processorMsPerRequest / theirs.processorMsPerRequest,
      ),
      fetchesPerRequest: median(result.rounds.map(({ fetchesPerRequest }) => fetchesPerRequest)),
      latencyP50Ms: median(result.rounds.map(({ latencyP50Ms }) => latencyP50Ms)),
      latencyP99Ms: median(result.rounds.map(({ latencyP99Ms }) => latencyP99Ms)),
      startupMs: result.startupMs,
      memoryMegabytes: result.memoryMegabytes,
    };
  });
}

function ratio(
  own: ContenderResult | undefined,
  other: ContenderResult,
  compare: (ours: Round, theirs: Round) => number,
): number {
  return median(
    other.rounds.flatMap((theirs, index) => {
      const ours = own?.rounds[index];
      return ours === undefined ? [] : [compare(ours, theirs)];
    }),
  );
}
