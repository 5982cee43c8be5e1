import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { goBeforeNeighbours, leaveFirstCore } from '../cores.js';
import { benchCases } from '../gateway/bench-cases.js';
import { startContender, type RunningContender } from '../gateway/contenders/start-contender.js';
import { tessera } from '../gateway/contenders/tessera.js';
import { startGraph } from '../gateway/start-graph.js';
import { formatTable } from '../table.js';
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
      case: { type: 'string', default: 'page' },
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
      origin: `http://127.0.0.1:${gateway.port}`,
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
  readonly origin: string;
  readonly seconds: number;
  readonly times: number;
}

async function measure(tenants: readonly [Tenant, Tenant], { origin, seconds, times }: Measuring): Promise<void> {
  const [first, second] = tenants;
  const durationMs = seconds * 1_000;
  await first({ load: { clients }, durationMs: 5_000 });
  const capacity = await first({ load: { clients }, durationMs: 10_000 });
  const perSecond = capacity.goodPerSecond;
  const half = await first({ load: { perSecond: perSecond / 2 }, durationMs: 10_000 });

  const probe = startProbe(origin);
  const overload = await first({ load: { perSecond: perSecond * times }, durationMs });
  const probed = await probe.stop();
  const after = await first({ load: { perSecond: perSecond / 2 }, durationMs: 10_000 });

  const little = { perSecond: perSecond / 10 };
  const alone = await second({ load: little, durationMs: 10_000 });
  const [flood, beside] = await Promise.all([
    first({ load: { perSecond: perSecond * times }, durationMs: durationMs / 2 }),
    second({ load: little, durationMs: durationMs / 2 }),
  ]);

  const lines: readonly (readonly [string, SourceResult])[] = [
    [`capacity: ${clients} clients, one after the other`, capacity],
    ['half of it offered', half],
    [`${times} times of it offered`, overload],
    ['half of it, right after', after],
    ['another tenant, a tenth, alone', alone],
    [`that tenant, while the first floods (${times} times)`, beside],
    ['the flood', flood],
  ];
  process.stdout.write(`\n${formatTable(titles, lines.map(toRow), 1)}\n\n`);
  const share = (100 * overload.goodPerSecond) / perSecond;
  const recovery = secondsUntilNormal(after, perSecond / 2);
  process.stdout.write(
    `goodput ${share.toFixed(0)}% of capacity; back to normal ${recovery} s after it; ` +
      `/health: ${probed.failed} of ${probed.asked} failed, slowest ${probed.slowestMs.toFixed(0)} ms; ` +
      `the other tenant got ${((100 * beside.good) / beside.offered).toFixed(1)}% of what it asked for\n`,
  );
}

const titles = ['load', 'offered/s', 'good/s', 'refused', 'lost', 'good p50 ms', 'good p99 ms', 'refused p99 ms'];

function toRow([name, result]: readonly [string, SourceResult]): readonly string[] {
  const { offered, seconds, goodPerSecond, refused, lost, goodP50Ms, goodP99Ms, refusedP99Ms } = result;
  return [
    name,
    (offered / seconds.length).toFixed(0),
    goodPerSecond.toFixed(0),
    String(refused),
    String(lost),
    goodP50Ms.toFixed(1),
    goodP99Ms.toFixed(1),
    Number.isNaN(refusedP99Ms) ? '' : refusedP99Ms.toFixed(1),
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
    LISTEN_SOCKETS: '16',
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
