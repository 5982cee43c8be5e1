import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { goBeforeNeighbours, leaveFirstCore } from '../cores.js';
import { benchCases } from '../gateway/bench-cases.js';
import { startContender, type RunningContender } from '../gateway/contenders/start-contender.js';
import { tessera } from '../gateway/contenders/tessera.js';
import { startGraph } from '../gateway/start-graph.js';
import { formatTable } from '../table.js';
import { readUsage } from '../gateway/process-usage.js';
import { startProbe } from './probe.js';
import { runSource, type SourceOptions, type SourceResult } from './source.js';

const pageQuery =
  'query Page { topProducts(first: 5) { upc name price inStock reviews { id body author { id name } } } }';

/** What is asked, by the name of the case. */
const queries: ReadonlyMap<string, { readonly query: string; readonly variables: unknown }> = new Map([
  ['page', { query: pageQuery, variables: undefined }],
  ...benchCases
    .filter(({ graph }) => graph === 'shop')
    .map(({ name, query, variables }) => [name, { query, variables }] as const),
]);

const patienceMs = 1_000;
const clients = 32;

type Load = Pick<SourceOptions, 'load'> & { readonly durationMs: number };

/** One tenant's load. */
type Tenant = (load: Load) => Promise<SourceResult>;

/** Measures what a gateway does when three times as much is asked of it as it can do; this folder's README explains. */
export async function benchOverload(commandLine: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      case: { type: 'string', default: 'heavy' },
      seconds: { type: 'string', default: '60' },
      times: { type: 'string', default: '3' },
    },
  });
  const asked = queries.get(values.case);
  if (asked === undefined) throw new Error(`Cases are ${[...queries.keys()].join(', ')}`);
  await leaveFirstCore();
  goBeforeNeighbours();
  const graph = await startGraph('shop');
  const issuer = await startTokenIssuer();
  const gateway = await startGateway(graph.supergraphPath, issuer);
  try {
    const tenant = async (): Promise<Tenant> => {
      const request = requestOf(gateway.port, JSON.stringify(asked), await tokenOf(issuer));
      return (load) => runSource({ port: gateway.port, request, patienceMs, maxConnections: 3_000, ...load });
    };
    await measure([await tenant(), await tenant()], {
      gateway,
      seconds: Number(values.seconds),
      times: Number(values.times),
    });
  } finally {
    await gateway.stop();
    await issuer.close();
    await graph.stop();
  }
}

interface Measuring {
  readonly gateway: RunningContender;
  readonly seconds: number;
  readonly times: number;
}

/** One line of the report. */
interface Line {
  readonly name: string;
  readonly result: SourceResult;
  /** Share of a core that the gateway used. */
  readonly busy: number;
}

async function measure(tenants: readonly [Tenant, Tenant], { gateway, seconds, times }: Measuring): Promise<void> {
  const [first, second] = tenants;
  const lines: Line[] = [];
  const run = async (name: string, tenant: Tenant, load: SourceOptions['load'], ofSeconds: number) => {
    const before = await readUsage(gateway.pid);
    const result = await tenant({ load, durationMs: ofSeconds * 1_000 });
    const { processorMs } = await readUsage(gateway.pid);
    const line = { name, result, busy: (processorMs - before.processorMs) / (ofSeconds * 1_000) };
    lines.push(line);
    return line;
  };

  await first({ load: { clients }, durationMs: 5_000 });
  const capacity = await run(`capacity: ${clients} clients, one after the other`, first, { clients }, 10);
  const perSecond = capacity.result.goodPerSecond;
  const [half, tenth, flood] = [0.5, 0.1, times].map((share) => ({ perSecond: perSecond * share }));
  if (half === undefined || tenth === undefined || flood === undefined) return;
  await run('half of it offered', first, half, 10);
  const probe = startProbe(`http://127.0.0.1:${gateway.port}`);
  const overload = await run(`${times} times of it offered`, first, flood, seconds);
  const probed = await probe.stop();
  const { result: after } = await run('half of it, right after', first, half, 10);
  const again = await run('capacity again', first, { clients }, 10);
  await run('another tenant, a tenth, alone', second, tenth, 10);
  const [, { result: beside }] = await Promise.all([
    run(`the first floods (${times} times) ...`, first, flood, seconds / 2),
    run('... while the other asks for its tenth', second, tenth, seconds / 2),
  ]);

  process.stdout.write(`\n${formatTable(titles, lines.map(toRow), 1)}\n\n`);
  process.stdout.write(
    `goodput ${percentOf(overload, capacity, again, ({ result }) => result.goodPerSecond)} of capacity, before and after it; ` +
      `${percentOf(overload, capacity, again, goodPerCoreSecond)} by processor time; ` +
      `back to normal ${secondsUntilNormal(after, half.perSecond)} s after it; ` +
      `/health: ${probed.failed} of ${probed.asked} failed, slowest ${probed.slowestMs.toFixed(0)} ms; ` +
      `the other tenant got ${((100 * beside.good) / beside.offered).toFixed(1)}% of what it asked for\n`,
  );
}

/** How much of what it can do before and after it, on average. */
function percentOf(line: Line, before: Line, after: Line, measure: (line: Line) => number): string {
  return `${((200 * measure(line)) / (measure(before) + measure(after))).toFixed(0)}%`;
}

/** Good answers in a second of the gateway's processor time: on a shared machine others take some of the clock's. */
function goodPerCoreSecond({ result, busy }: Line): number {
  return result.goodPerSecond / busy;
}

const titles = [
  'load',
  'offered/s',
  'good/s',
  'refused',
  'lost',
  'p50 ms',
  'p99 ms',
  'refused p99 ms',
  'gateway busy',
  'good/core s',
  '',
];

function toRow(line: Line): readonly string[] {
  const { name, result, busy } = line;
  const { offered, seconds, goodPerSecond, refused, lost, otherStatuses, goodP50Ms, goodP99Ms, refusedP99Ms } = result;
  return [
    name,
    (offered / seconds.length).toFixed(0),
    goodPerSecond.toFixed(0),
    String(refused),
    String(lost),
    goodP50Ms.toFixed(1),
    goodP99Ms.toFixed(1),
    Number.isNaN(refusedP99Ms) ? '' : refusedP99Ms.toFixed(1),
    `${(100 * busy).toFixed(0)}%`,
    goodPerCoreSecond(line).toFixed(0),
    [...otherStatuses].map(([status, count]) => `${count} x ${status}`).join(' '),
  ];
}

/** How many seconds pass before nearly all that is offered is answered. */
function secondsUntilNormal({ seconds }: SourceResult, perSecond: number): number {
  const first = seconds.findIndex((good) => good >= perSecond * 0.95);
  return first === -1 ? Number.POSITIVE_INFINITY : first;
}

async function startGateway(supergraphPath: string, issuer: TokenIssuer): Promise<RunningContender> {
  const environment = {
    ...tessera.environment,
    JWKS_URL: issuer.jwksUrl,
    RATE_LIMITS: 'none',
    MAX_COST: '0',
    MAX_QUEUE_MS: '500',
    LISTEN_SOCKETS: '32',
    LOG_LEVEL: 'error',
  };
  return startContender({ ...tessera, environment }, { supergraphPath, subgraphUrl: undefined }, 0);
}

async function tokenOf(issuer: TokenIssuer): Promise<string> {
  return issuer.issue({ tid: randomUUID() }, { lifetimeSeconds: 3_600 });
}

function requestOf(port: number, body: string, token: string): Buffer {
  return Buffer.from(
    `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\naccept: application/json\r\n` +
      `authorization: Bearer ${token}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
