import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { goBeforeNeighbours, leaveFirstCore } from '../cores.js';
import { benchCases } from './bench-cases.js';
import type { Contender } from './contenders/contender.js';
import { dropIn } from './contenders/drop-in.js';
import { installHive } from './contenders/hive.js';
import { proxy } from './contenders/proxy.js';
import { stock } from './contenders/stock.js';
import { otherBuild, tessera } from './contenders/tessera.js';
import { formatReport } from './report.js';
import { runCase, type CaseResult } from './run-case.js';
import { summarise } from './summary.js';

const write = (text: string): void => void process.stdout.write(`${text}\n`);

/** Compares the gateway with its peers; what the arguments mean stands in this folder's README. */
export async function benchGateway(commandLine: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      cases: { type: 'string', default: benchCases.map(({ name }) => name).join() },
      against: { type: 'string', default: 'stock,drop-in,hive,proxy' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      json: { type: 'string' },
    },
  });
  await leaveFirstCore();
  goBeforeNeighbours();
  const names = values.cases.split(',');
  const peers = await findPeers(values.against.split(','));
  const roundMs = Number(values.seconds) * 1_000;
  const options = { rounds: Number(values.rounds), roundMs, warmUpMs: roundMs, core: 0 };

  const results: CaseResult[] = [];
  for (const benchCase of benchCases.filter(({ name }) => names.includes(name))) {
    const contenders = [tessera, ...peers.filter(({ name }) => name !== 'proxy' || benchCase.servedBy !== undefined)];
    const result = await runCase(benchCase, contenders, options);
    results.push(result);
    write(`\n${formatReport(summarise(result))}`);
    write(`(${benchCase.connections} connections, an answer of ${result.answerBytes} bytes)`);
  }
  if (values.json !== undefined) {
    await writeFile(values.json, JSON.stringify({ options, lines: results.flatMap(summarise), results }, undefined, 2));
  }
}

async function findPeers(names: readonly string[]): Promise<Contender[]> {
  const builds = names.filter((name) => name.includes('/')).map(otherBuild);
  const peers = [...builds, ...[stock, dropIn, proxy].filter(({ name }) => names.includes(name))];
  if (!names.includes('hive')) return peers;
  try {
    return [...peers, await installHive(resolve('.data/bench/hive'))];
  } catch (error) {
    write(`Hive Gateway cannot be installed and is left out: ${String(error)}`);
    return peers;
  }
}
