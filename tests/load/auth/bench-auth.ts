import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hash, verify } from '@node-rs/argon2';
import type { HashStrength } from '@tessera/auth/passwords/hash-strength';
import { accessTokenAlgorithms } from '@tessera/service/identity';
import { formatTable } from '../table.js';
import { AuthClient } from './auth-client.js';
import { prepareOperations, type Operation } from './auth-operations.js';
import { bareVerifications, tokenChecks } from './token-checks.js';
import { startMeasuredService, type MeasuredService, type ProcessorTimes } from './measured-service.js';

const concurrency = 8;
/** Code is compiled as it is used: what a service does all day is measured, so it has done it so often, or for so long. */
const warmUp = { operations: 1_000, seconds: 60 };

interface Rate extends ProcessorTimes {
  readonly perSecond: number;
  /** Of this process, which asks, hashes bare or checks tokens. */
  readonly own: number;
}

/** Measures what proving who somebody is costs, PostgreSQL included, and checks of tokens as the gateway does them. */
export async function benchAuth(commandLine: readonly string[]): Promise<void> {
  const options = {
    seconds: { type: 'string', default: '5' },
    // As services are configured by default.
    'hash-ms': { type: 'string', default: '50' },
  } as const;
  const { values } = parseArgs({ args: [...commandLine], options });
  const seconds = Number(values.seconds);
  const service = await startMeasuredService(Number(values['hash-ms']));
  const client = new AuthClient(service.url, concurrency);
  const { memoryKiB, passes } = service.strength;
  const rows: string[][] = [];
  const report = (name: string, { perSecond, service: auth, threadPool, database, own }: Rate): void => {
    rows.push([name, perSecond.toFixed(0), ...[auth, threadPool, database, own].map((time) => time.toFixed(3))]);
  };
  try {
    const idle = await usePerMs(service, seconds);
    const bareHash = await bareHashes(service.strength);
    const cores = availableParallelism();
    const cases = { 'bare hash': bareHash, ...(await prepareOperations(client, concurrency)) };
    for (const [name, operation] of Object.entries({ ...cases, 'bare hash again': bareHash })) {
      const atOnce = name.startsWith('bare hash') ? cores : concurrency;
      // A hash is compiled already.
      await repeat(operation, atOnce, name.startsWith('bare hash') ? { ...warmUp, seconds: 1 } : warmUp);
      report(name, withoutIdle(await measure(service, operation, seconds, atOnce), idle));
    }
    for (const algorithm of accessTokenAlgorithms) {
      report(`bare verification, ${algorithm}`, await measure(service, bareVerifications(algorithm), 1, 1));
      report(
        `first check of a token, ${algorithm}`,
        await measure(service, await tokenChecks(20_000, algorithm), 1, concurrency),
      );
    }
    report('repeated check of a token', await measure(service, await tokenChecks(1, 'ES256'), 1, concurrency));
    const titles = ['what', 'per second', 'service ms', 'of it hashing', 'PostgreSQL ms', 'own ms'];
    process.stdout.write(
      `${concurrency} at a time, bare hashes ${cores}, of ${memoryKiB} KiB and ${passes} passes; processor time of each, without what they use idle\n${formatTable(titles, rows, 1)}\n`,
    );
  } finally {
    await client.close();
    await service.stop();
  }
}

async function measure(
  service: MeasuredService,
  operation: Operation,
  seconds: number,
  workers: number,
): Promise<Rate> {
  for (let worker = 0; worker < workers; worker += 1) await operation(worker);
  const before = await service.usage();
  const startedAtMs = performance.now();
  const ownBefore = process.cpuUsage();
  const count = await repeat(operation, workers, { operations: Infinity, seconds });
  const { user, system } = process.cpuUsage(ownBefore);
  const perSecond = (count * 1_000) / (performance.now() - startedAtMs);
  const after = await service.usage();
  return {
    perSecond,
    service: (after.service - before.service) / count,
    threadPool: (after.threadPool - before.threadPool) / count,
    database: (after.database - before.database) / count,
    own: (user + system) / 1_000 / count,
  };
}

/** What the service and PostgreSQL use of a millisecond while nobody asks for anything: they look for jobs and events. */
async function usePerMs(service: MeasuredService, seconds: number): Promise<ProcessorTimes> {
  await setTimeout(1_000);
  const before = await service.usage();
  const startedAtMs = performance.now();
  await setTimeout(seconds * 1_000);
  const after = await service.usage();
  const elapsedMs = performance.now() - startedAtMs;
  return {
    service: (after.service - before.service) / elapsedMs,
    threadPool: (after.threadPool - before.threadPool) / elapsedMs,
    database: (after.database - before.database) / elapsedMs,
  };
}

function withoutIdle(rate: Rate, idle: ProcessorTimes): Rate {
  const msOfEach = 1_000 / rate.perSecond;
  return {
    ...rate,
    service: rate.service - idle.service * msOfEach,
    threadPool: rate.threadPool - idle.threadPool * msOfEach,
    database: rate.database - idle.database * msOfEach,
  };
}

/** @returns how often it was done before it was often enough, or time was over */
async function repeat(operation: Operation, workers: number, limits: typeof warmUp): Promise<number> {
  const endsAtMs = performance.now() + limits.seconds * 1_000;
  let count = 0;
  const work = async (worker: number): Promise<void> => {
    while (count < limits.operations && performance.now() < endsAtMs) {
      await operation(worker);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  return count;
}

/** Checks of a password with nothing around them. */
async function bareHashes({ memoryKiB, passes }: HashStrength): Promise<Operation> {
  const stored = await hash(randomBytes(32), { memoryCost: memoryKiB, timeCost: passes, parallelism: 1 });
  return () => verify(stored, 'correct horse battery staple');
}
