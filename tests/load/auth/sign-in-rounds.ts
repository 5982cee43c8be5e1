import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import type { HashStrength } from '@tessera/auth/passwords/hash-strength';
import { median } from '../median.js';
import type { Operation } from './auth-operations.js';
import type { MeasuredService } from './measured-service.js';
import type { ProcessorTimes } from './processor-times.js';
import { withoutIdle, type Rate } from './rate.js';
import { measureSteadily, type SteadyRate } from './steady-rate.js';

const cores = availableParallelism();

/** Rates of which each is the middle of its rounds, and how they compare, round by round. */
export interface ComparedSignIns {
  readonly bareHash: Rate;
  readonly signIn: Rate;
  /** How many sign-ins there are for each bare hash of the rounds beside them. */
  readonly ratios: readonly number[];
  /** The same, of the time that asking leaves to the service and PostgreSQL. */
  readonly ratiosWithoutAsking: readonly number[];
  /** Which part the hash has of all processor time that a sign-in takes: the machine's, less what is used beside bare hashes too. */
  readonly hashShares: readonly number[];
}

export interface SignInRounds {
  readonly service: MeasuredService;
  readonly signIn: Operation;
  /** How many sign in at a time. */
  readonly workers: number;
  readonly rounds: number;
  /** Of each round. */
  readonly seconds: number;
  /** What is used of a millisecond while nobody asks. */
  readonly idle: ProcessorTimes;
}

/**
 * Signs in and hashes bare in turn: how long a hash takes changes by a half within seconds on a machine that others share, and
 * only what is measured beside each other compares. A round of sign-ins is between two of bare hashes.
 */
export async function compareSignIns({
  service,
  signIn,
  workers,
  rounds,
  seconds,
  idle,
}: SignInRounds): Promise<ComparedSignIns> {
  const bareHash = await bareHashes(service.strength);
  // As many at once as the service lets run: one for each core.
  const hashBare = () => measureSteadily(service, bareHash, seconds, cores);
  const bare = [await hashBare()];
  const signedIn: SteadyRate[] = [];
  for (let round = 0; round < rounds; round += 1) {
    signedIn.push(await measureSteadily(service, signIn, seconds, workers));
    bare.push(await hashBare());
  }
  /** Of the bare hashes before and after a round of sign-ins. */
  const beside = (round: number, what: (rate: SteadyRate) => number): number =>
    median(bare.slice(round, round + 2).map(what));
  const ratios = signedIn.map((rate, round) => rate.perSecond / beside(round, ({ perSecond }) => perSecond));
  return {
    bareHash: withoutIdle(middleOf(bare), idle),
    signIn: withoutIdle(middleOf(signedIn), idle),
    ratios,
    ratiosWithoutAsking: ratios.map((ratio, round) => ratio / (1 - shareOfAsking(signedIn[round]))),
    hashShares: signedIn.map((rate, round) => {
      const beyondMs = (msBesideHashes(rate) - beside(round, msBesideHashes)) / rate.perSecond;
      return rate.threadPool / (rate.threadPool + beyondMs);
    }),
  };
}

/** What everything but this process, which asks or hashes bare, and the service's hashes uses of a second. */
function msBesideHashes({ machine, own, threadPool, perSecond }: SteadyRate): number {
  return (machine - own - threadPool) * perSecond;
}

/** Which part of all cores this process has while it asks. */
function shareOfAsking(rate: Rate | undefined): number {
  return rate === undefined ? 0 : (rate.own * rate.perSecond) / (cores * 1_000);
}

function middleOf(rates: readonly Rate[]): Rate {
  const middle = (name: keyof Rate): number => median(rates.map((rate) => rate[name]));
  return {
    perSecond: middle('perSecond'),
    service: middle('service'),
    threadPool: middle('threadPool'),
    database: middle('database'),
    own: middle('own'),
  };
}

/** Checks of a password with nothing around them. */
async function bareHashes({ memoryKiB, passes }: HashStrength): Promise<Operation> {
  const stored = await hash(randomBytes(32), { memoryCost: memoryKiB, timeCost: passes, parallelism: 1 });
  return () => verify(stored, 'correct horse battery staple');
}
