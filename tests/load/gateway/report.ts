import { formatTable } from '../table.js';
import type { SummaryLine } from './summary.js';

const columns: readonly (readonly [string, (line: SummaryLine) => string])[] = [
  ['case', (line) => line.case],
  ['gateway', (line) => line.contender],
  ['requests/s', (line) => line.requestsPerSecond.toFixed(0)],
  ['spread', (line) => `${line.lowest.toFixed(0)}-${line.highest.toFixed(0)}`],
  ['tessera x', (line) => line.tesseraTimes.toFixed(2)],
  ['cpu ms/request', (line) => line.processorMsPerRequest.toFixed(3)],
  ['tessera x by cpu', (line) => line.tesseraTimesByProcessor.toFixed(2)],
  ['x stock by cpu', (line) => line.stockTimesByProcessor.toFixed(2)],
  ['fetches', (line) => line.fetchesPerRequest.toFixed(1)],
  ['p50 ms', (line) => line.latencyP50Ms.toFixed(1)],
  ['p99 ms', (line) => line.latencyP99Ms.toFixed(1)],
  ['start ms', (line) => line.startupMs.toFixed(0)],
  ['memory MB', (line) => line.memoryMegabytes.toFixed(0)],
];

/** Writes the lines of a report as a table. */
export function formatReport(lines: readonly SummaryLine[]): string {
  const titles = columns.map(([title]) => title);
  const rows = lines.map((line) => columns.map(([, write]) => write(line)));
  return formatTable(titles, rows, 2);
}
