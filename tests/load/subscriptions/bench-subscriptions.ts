import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { someClaims, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { goBeforeNeighbours, leaveFirstCore } from '../cores.js';
import type { Contender } from '../gateway/contenders/contender.js';
import { tesseraWith } from '../gateway/contenders/tessera.js';
import { formatTable } from '../table.js';
import { measureCrowd, rowTitles, type CrowdPlan } from './measure-crowd.js';
import { subgraphTypes } from './subgraph-types.js';

const options = {
  sockets: { type: 'string', default: '10000' },
  /** Deliveries a second, in all. */
  rate: { type: 'string', default: '20000' },
  seconds: { type: 'string', default: '10' },
  against: { type: 'string', default: 'apollo' },
} as const;

/** Measures a crowd that watches one field: what a socket holds, what a delivery costs, how fast clients come in. */
export async function benchSubscriptions(commandLine: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...commandLine], options });
  const sockets = await allowedSockets(Number(values.sockets));
  await leaveFirstCore();
  goBeforeNeighbours();
  const leftovers = createLeftovers();
  try {
    const issuer = await startTokenIssuer();
    leftovers.defer('issuer', () => issuer.close());
    const plan: CrowdPlan = {
      tokens: await tokensFor(issuer, sockets),
      eventsPerSecond: Number(values.rate) / sockets,
      seconds: Number(values.seconds),
    };
    const rows = [await measureTessera(leftovers, issuer, plan)];
    if (values.against === 'apollo') rows.push(await measureApollo(issuer, plan));
    process.stdout.write(`${formatTable(rowTitles, rows, 1)}\n`);
  } finally {
    await leftovers.close();
  }
}

/** Beside sockets a process has files, pipes and connections open. */
const otherOpenFiles = 200;

/** A limit of open files that is not the hard one Node raises by itself at its start: what it has then is all there is. */
async function allowedSockets(wanted: number): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const allowed = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? wanted) - otherOpenFiles;
  if (wanted > allowed) process.stdout.write(`Open files are limited (ulimit -n): ${allowed} sockets, not ${wanted}\n`);
  return Math.min(wanted, allowed);
}

/** Members of one tenant with equal rights, each with an hour. */
async function tokensFor(issuer: TokenIssuer, count: number): Promise<string[]> {
  const tenantId = randomUUID();
  const people = Array.from({ length: count }, () => someClaims({ tid: tenantId }));
  return Promise.all(people.map((claims) => issuer.issue(claims, { lifetimeSeconds: 3_600 })));
}

async function measureTessera(leftovers: Leftovers, issuer: TokenIssuer, plan: CrowdPlan): Promise<string[]> {
  const source = fork(fileURLToPath(new URL('./source-process.js', import.meta.url)));
  leftovers.defer('source', () => source.kill());
  const [port] = (await once(source, 'message')) as [number];
  const { supergraphSdl, errors } = composeServices([
    { name: 'metrics', url: `http://127.0.0.1:${port}/graphql`, typeDefs: parse(subgraphTypes) },
  ]);
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join('\n'));
  const folder = await temporaryFolder('bench-subscriptions');
  leftovers.defer('folder', () => rm(folder, { recursive: true }));
  const supergraphPath = join(folder, 'supergraph.graphql');
  await writeFile(supergraphPath, supergraphSdl);
  const gateway = tesseraWith({
    JWKS_URL: issuer.jwksUrl,
    PRINCIPAL_SECRET: 'a secret that gateway and subgraph share',
    RATE_LIMITS: 'none',
    SOCKET_PING_INTERVAL_MS: '15000',
  });
  return measureCrowd(gateway, { supergraphPath, subgraphUrl: undefined }, port, plan);
}

async function measureApollo(issuer: TokenIssuer, plan: CrowdPlan): Promise<string[]> {
  const script = fileURLToPath(new URL('./apollo-process.js', import.meta.url));
  const apollo: Contender = {
    name: 'apollo + graphql-ws',
    path: '/graphql',
    environment: {},
    command: ({ port }) => [script, issuer.jwksUrl, String(port)],
  };
  await wait(1_000);
  return measureCrowd(apollo, { supergraphPath: '', subgraphUrl: undefined }, undefined, plan);
}
