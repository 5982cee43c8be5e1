import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readCoreTimes } from '../core-times.js';
import { goBeforeNeighbours, leaveFirstCore } from '../cores.js';
import { startContender } from '../gateway/contenders/start-contender.js';
import { tessera } from '../gateway/contenders/tessera.js';
import { startGraph } from '../gateway/start-graph.js';
import { readMainThread } from '../gateway/thread-usage.js';
import { median } from '../median.js';
import { formatTable } from '../table.js';
import { quantile, startSteadyLoad, type Sample } from './steady-load.js';
import { describeDisturbance, measureUndisturbed, type Disturbed } from './undisturbed.js';

interface Switch extends Disturbed {
  readonly before: readonly Sample[];
  readonly around: readonly Sample[];
  /** From the new file to the first answer by it. */
  readonly tookMs: number;
  /** What of it the gateway's event loop worked at it. */
  readonly loopMs: number;
}

/** So long the gateway has been at work: V8 has optimised most of what requests need. */
const workedMs = 20_000;
/** A switch in which the host took the cores is measured again. */
const maxAttempts = 4;
/** What is left of a switch once the new supergraph answers: the old one is closed. */
const afterMs = 2_000;
const pollMs = 50;
const maxSwitchMs = 30_000;

/** Different operations, so that a plan that is missing shows. */
const queries = Array.from(
  { length: 60 },
  (_, index) => `query Busy${index} { users { name reviews { id a${index}: body product { inStock price } } } }`,
);

/** Measures what requests notice of another supergraph that takes over. */
export async function benchReload(commandLine: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...commandLine],
    options: { rounds: { type: 'string', default: '6' }, types: { type: 'string', default: '0' } },
  });
  goBeforeNeighbours();
  await leaveFirstCore();
  const graph = await startGraph('shop');
  const path = graph.supergraphPath;
  const sdl = `${await readFile(path, 'utf8')}\n${unusedTypes(Number(values.types))}`;
  const publish = async (version: number): Promise<void> => {
    // As careful writers do it: the file is there whole, or not yet.
    await writeFile(`${path}.new`, `"""Version ${version}"""\n${sdl}`);
    await rename(`${path}.new`, path);
  };
  await publish(0);
  const gateway = await startContender(tessera, { supergraphPath: path, subgraphUrl: undefined }, 0);
  const load = await startSteadyLoad({ port: gateway.port, queries, requestsPerSecond: 300, connections: 10 });
  const switches: Switch[] = [];
  let version = 0;
  let lastTookMs = 1_000;

  async function measureSwitch(): Promise<Switch> {
    version += 1;
    await load.begin();
    const [coresBefore, started] = [await readCoreTimes(), await readMainThread(gateway.pid)];
    await wait(lastTookMs + afterMs);
    const [before, between] = [load.take(), await readMainThread(gateway.pid)];
    const publishedAtMs = performance.now();
    await publish(version);
    await serves(gateway.port, version);
    lastTookMs = performance.now() - publishedAtMs;
    await wait(afterMs);
    const [around, ended] = [load.take(), await readMainThread(gateway.pid)];
    const usualMs = ((between.runMs - started.runMs) / before.length) * around.length;
    const loopMs = ended.runMs - between.runMs - usualMs;
    const stolenMs = (await readCoreTimes()).stolenMs - coresBefore.stolenMs;
    return { before, around, tookMs: lastTookMs, loopMs, stolenMs };
  }

  try {
    await wait(workedMs);
    // The first one has code to run that has not run before.
    await measureSwitch();
    for (let round = 1; round <= Number(values.rounds); round += 1) {
      switches.push(await measureUndisturbed(measureSwitch, maxAttempts));
    }
  } finally {
    await load.stop();
    await gateway.stop();
    await graph.stop();
  }
  report(switches, load.failures);
}

async function serves(port: number, version: number): Promise<void> {
  const body = JSON.stringify({ query: '{ __schema { description } }' });
  for (let waitedMs = 0; waitedMs < maxSwitchMs; waitedMs += pollMs) {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body });
    if ((await response.text()).includes(`"Version ${version}"`)) return;
    await wait(pollMs);
  }
  throw new Error('The gateway did not take over the new supergraph');
}

/** Types that no operation asks for, because supergraphs of real companies have thousands. */
function unusedTypes(count: number): string {
  const fields = Array.from({ length: 10 }, (_, index) => `field${index}(argument: Int = ${index}): String`);
  return Array.from(
    { length: count },
    (_, index) => `type Unused${index} @join__type(graph: PRODUCTS) {\n  ${fields.join('\n  ')}\n}`,
  ).join('\n');
}

function report(switches: readonly Switch[], failures: readonly string[]): void {
  const titles = ['switch', 'took ms', 'loop ms', 'p50 before', 'p50 around', 'p99 before', 'p99 around', 'ratio'];
  const values = switches.map((one) => [one.tookMs, one.loopMs, ...compare(one.before, one.around)]);
  const middle = titles.slice(1).map((_, column) => median(values.map((row) => row[column] ?? Number.NaN)));
  const [before, around] = [switches.flatMap((one) => one.before), switches.flatMap((one) => one.around)];
  const write = (row: readonly number[]): string[] => row.map((value) => value.toFixed(2));
  const rows = values.map((row, index) => [String(index + 1), ...write(row)]);
  rows.push(['median', ...write(middle)], ['all requests', '', '', ...write(compare(before, around))]);
  process.stdout.write(`${formatTable(titles, rows, 1)}\n`);
  const count = before.length + around.length;
  process.stdout.write(`${count} requests, ${failures.length} failed\n${failures.slice(0, 3).join('\n')}\n`);
  process.stdout.write(`${describeDisturbance(switches)}\n`);
}

/** The middle and the slowest hundredth of both, and how many times as long that hundredth takes around a switch. */
function compare(before: readonly Sample[], around: readonly Sample[]): readonly number[] {
  const [p99Before, p99Around] = [quantile(before, 0.99), quantile(around, 0.99)];
  return [quantile(before, 0.5), quantile(around, 0.5), p99Before, p99Around, p99Around / p99Before];
}
