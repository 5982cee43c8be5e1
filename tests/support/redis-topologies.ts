import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { eventually } from './eventually.js';
import { startRedisServer, type RedisServer } from './redis-server.js';

const run = promisify(execFile);

/** Several Redis servers that act as one. */
export interface RedisTopology {
  /** The URL as services are given it. */
  readonly url: string;
  /** Data servers; the master first. */
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

/** Starts a cluster of three masters. */
export async function startRedisCluster(): Promise<RedisTopology> {
  const configuration = ['cluster-enabled yes', 'cluster-node-timeout 2000'];
  const servers = await Promise.all([1, 2, 3].map(() => startRedisServer({ configuration })));
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
  await Promise.all(
    servers.map(({ port }) =>
      withAdmin(port, async (admin) => {
        await eventually(async () => String(await admin.cluster('INFO')).includes('cluster_state:ok'));
      }),
    ),
  );
  return { url: `redis+cluster://${addresses.join(',')}`, servers, stop: () => stopAll(servers) };
}

/** Starts a master, a replica and three Sentinels that agree on a failover within about two seconds. */
export async function startRedisSentinel(): Promise<RedisTopology> {
  const master = await startRedisServer();
  const replica = await startRedisServer({ configuration: [`replicaof 127.0.0.1 ${master.port}`] });
  await withAdmin(replica.port, async (admin) => {
    await eventually(async () => (await admin.info('replication')).includes('master_link_status:up'));
  });
  const configuration = [
    `sentinel monitor main 127.0.0.1 ${master.port} 2`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 3000',
  ];
  const sentinels = await Promise.all([1, 2, 3].map(() => startRedisServer({ sentinel: true, configuration })));
  await Promise.all(
    sentinels.map(({ port }) =>
      withAdmin(port, async (admin) => {
        // Before each Sentinel knows the replica and the two others, no failover can be agreed on.
        await eventually(async () => /slaves=1,sentinels=3/.test(await admin.info('sentinel')));
      }),
    ),
  );
  const servers = [master, replica];
  const addresses = sentinels.map(({ port }) => `127.0.0.1:${port}`);
  return {
    url: `redis+sentinel://${addresses.join(',')}/main`,
    servers,
    stop: () => stopAll([...sentinels, ...servers]),
  };
}

async function withAdmin(port: number, use: (admin: Redis) => Promise<void>): Promise<void> {
  const admin = new Redis(port, '127.0.0.1', { enableReadyCheck: false });
  try {
    await use(admin);
  } finally {
    admin.disconnect();
  }
}

async function stopAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}
