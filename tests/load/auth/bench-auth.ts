import { parseArgs } from 'node:util';
import { accessTokenAlgorithms } from '@tessera/service/identity';
import { median } from '../median.js';
import { formatTable } from '../table.js';
import { AuthClient } from './auth-client.js';
import { prepareOperations } from './auth-operations.js';
import { startMeasuredService } from './measured-service.js';
import { measure, repeat, usePerMs, withoutIdle, type Rate } from './rate.js';
import { compareSignIns, type ComparedSignIns } from './sign-in-rounds.js';
import { bareVerifications, tokenChecks } from './token-checks.js';

const concurrency = 8;
/** Code is compiled as it is used: what a service does all day is measured, so it has done it so often, or for so long. */
const warmUp = { operations: 1_000, seconds: 60 };

/** Measures what proving who somebody is costs, PostgreSQL included, and checks of tokens as the gateway does them. */
export async function benchAuth(commandLine: readonly string[]): Promise<void> {
  const options = {
    seconds: { type: 'string', default: '5' },
    /** Of sign-ins between bare hashes. */
    rounds: { type: 'string', default: '12' },
    // As services are configured by default.
    'hash-ms': { type: 'string', default: '100' },
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
    const { signIn, ...others } = await prepareOperations(client, concurrency);
    await repeat(signIn, concurrency, warmUp);
    const idle = await usePerMs(service, seconds);
    const rounds = Number(values.rounds);
    const compared = await compareSignIns({
      service,
      signIn,
      workers: concurrency,
      rounds,
      seconds: seconds - 1,
      idle,
    });
    report('bare hash', compared.bareHash);
    report('sign-in by password', compared.signIn);
    for (const [name, operation] of Object.entries(others)) {
      await repeat(operation, concurrency, warmUp);
      report(name, withoutIdle(await measure(service, operation, seconds, concurrency), idle));
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
      `${concurrency} at a time, bare hashes one for each core, of ${memoryKiB} KiB and ${passes} passes; processor time of each, without what they use idle\n${formatTable(titles, rows, 1)}\n${describe(compared)}\n`,
    );
  } finally {
    await client.close();
    await service.stop();
  }
}

function describe({ ratios, ratiosWithoutAsking, hashShares }: ComparedSignIns): string {
  return [
    `sign-ins for each bare hash, round by round: ${asPercents(ratios)}`,
    `of the time that asking leaves: ${asPercents(ratiosWithoutAsking)}`,
    `of its processor time, PostgreSQL and the kernel included, the hash has: ${asPercents(hashShares)}`,
  ].join('\n');
}

function asPercents(ratios: readonly number[]): string {
  const percents = (values: readonly number[]): string => values.map((value) => (100 * value).toFixed(1)).join(' ');
  return `${percents([median(ratios)])}% (${percents(ratios)})`;
}
