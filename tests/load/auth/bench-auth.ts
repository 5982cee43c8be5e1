import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { hash, verify } from '@node-rs/argon2';
import type { HashStrength } from '@tessera/auth/passwords/hash-strength';
import { accessTokenAlgorithms } from '@tessera/service/identity';
import { formatTable } from '../table.js';
import { prepareOperations, type Operation } from './auth-operations.js';
import { bareVerifications, tokenChecks } from './token-checks.js';
import { startMeasuredService, type MeasuredService, type ProcessorTimes } from './measured-service.js';

const concurrency = 8;

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
  const { memoryKiB, passes } = service.strength;
  const rows: string[][] = [];
  const report = (name: string, { perSecond, service: auth, database, own }: Rate): void => {
    rows.push([name, perSecond.toFixed(0), ...[auth, database, own].map((time) => time.toFixed(3))]);
  };
  try {
    const bareHash = await bareHashes(service.strength);
    const cores = availableParallelism();
    const cases = { 'bare hash': bareHash, ...(await prepareOperations(service.url, concurrency)) };
    for (const [name, operation] of Object.entries({ ...cases, 'bare hash again': bareHash })) {
      const atOnce = name.startsWith('bare hash') ? cores : concurrency;
      report(name, await measure(service, operation, seconds, atOnce));
    }
    for (const algorithm of accessTokenAlgorithms) {
      report(`bare verification, ${algorithm}`, await measure(service, bareVerifications(algorithm), 1, 1));
      report(
        `first check of a token, ${algorithm}`,
        await measure(service, await tokenChecks(20_000, algorithm), 1, concurrency),
      );
    }
    report('repeated check of a token', await measure(service, await tokenChecks(1, 'ES256'), 1, concurrency));
    const titles = ['what', 'per second', 'service ms', 'PostgreSQL ms', 'own ms'];
    process.stdout.write(
      `${concurrency} at a time, bare hashes ${cores}, of ${memoryKiB} KiB and ${passes} passes; processor time of each\n${formatTable(titles, rows, 1)}\n`,
    );
  } finally {
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
  const endsAtMs = startedAtMs + seconds * 1_000;
  let count = 0;
  const work = async (worker: number): Promise<void> => {
    while (performance.now() < endsAtMs) {
      await operation(worker);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  const { user, system } = process.cpuUsage(ownBefore);
  const perSecond = (count * 1_000) / (performance.now() - startedAtMs);
  const after = await service.usage();
  return {
    perSecond,
    service: (after.service - before.service) / count,
    database: (after.database - before.database) / count,
    own: (user + system) / 1_000 / count,
  };
}

/** Checks of a password with nothing around them. */
async function bareHashes({ memoryKiB, passes }: HashStrength): Promise<Operation> {
  const stored = await hash(randomBytes(32), { memoryCost: memoryKiB, timeCost: passes, parallelism: 1 });
  return () => verify(stored, 'correct horse battery staple');
}
