import { parseArgs } from 'node:util';
import { leaveFirstCore } from '../cores.js';
import type { Contender } from '../gateway/contenders/contender.js';
import { startContender } from '../gateway/contenders/start-contender.js';
import { stock } from '../gateway/contenders/stock.js';
import { tessera } from '../gateway/contenders/tessera.js';
import { readUsage } from '../gateway/process-usage.js';
import { startGraph } from '../gateway/start-graph.js';
import { median } from '../median.js';
import { formatTable } from '../table.js';

interface Start {
  readonly startupMs: number;
  /** Of the gateway's process, up to its first answer. */
  readonly processorMs: number;
  readonly residentMegabytes: number;
}

/** What is asked until it is answered: two subgraphs, so that planning is part of it. */
const firstQuery = '{ users { name reviews { body } } }';

/** Measures what passes from the start of a gateway's process to its first answer out of subgraphs. */
export async function benchStart(commandLine: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...commandLine], options: { rounds: { type: 'string', default: '10' } } });
  await leaveFirstCore();
  const graph = await startGraph('shop');
  const starts = new Map<Contender, Start[]>([
    [tessera, []],
    [stock, []],
  ]);
  try {
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const [contender, results] of starts) {
        const target = { supergraphPath: graph.supergraphPath, subgraphUrl: undefined };
        const { pid, startupMs, stop } = await startContender(contender, target, 0, firstQuery);
        results.push({ startupMs, ...(await readUsage(pid)) });
        await stop();
      }
    }
  } finally {
    await graph.stop();
  }
  const titles = ['gateway', 'start ms', 'spread', 'tessera x', 'cpu ms', 'tessera x by cpu', 'memory MB'];
  const own = starts.get(tessera) ?? [];
  const middle = (results: readonly Start[], value: (start: Start) => number): number => median(results.map(value));
  const ratio = (results: readonly Start[], value: (start: Start) => number): string =>
    (middle(results, value) / middle(own, value)).toFixed(2);
  const rows = [...starts].map(([{ name }, results]) => {
    const times = results.map(({ startupMs }) => startupMs);
    return [
      name,
      median(times).toFixed(0),
      `${Math.min(...times).toFixed(0)}-${Math.max(...times).toFixed(0)}`,
      ratio(results, ({ startupMs }) => startupMs),
      middle(results, ({ processorMs }) => processorMs).toFixed(0),
      ratio(results, ({ processorMs }) => processorMs),
      middle(results, ({ residentMegabytes }) => residentMegabytes).toFixed(0),
    ];
  });
  process.stdout.write(`${formatTable(titles, rows, 1)}\n`);
}
