import { randomBytes } from 'node:crypto';
import { hash, parseOptions, verify, type Options } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';
import type { HashQueue } from './hash-queue.js';
import { isAsStrong, leastStrength, type HashStrength } from './hash-strength.js';

const argon2id = 2;
/** All that bcrypt looks at of a password. */
const bcryptBytes = 72;
const bcryptPattern = /^\$2[aby]\$/;

export interface PasswordVerdict {
  readonly matches: boolean;
  /** The hash is of another algorithm or weaker than today's: hash the password anew while it is at hand. */
  readonly isOutdated: boolean;
}

/** Whose client waits: of several addresses that have passwords hashed each gets its share. */
export interface HashingCaller {
  readonly client: { readonly address?: string | undefined };
  /** Lets others have the caller's turn meanwhile. */
  readonly standAside?: () => () => void;
}

/**
 * Hashes and checks passwords, on the thread pool and never on the event loop; so many at once as the queue lets in, because
 * each takes a core and tens of megabytes, and everything else that uses the thread pool must get its turn.
 */
export class PasswordHasher {
  readonly #queue: HashQueue;
  #strength = leastStrength;
  #decoy: string;

  private constructor(queue: HashQueue, decoy: string) {
    this.#queue = queue;
    this.#decoy = decoy;
  }

  static async create(queue: HashQueue): Promise<PasswordHasher> {
    return new PasswordHasher(queue, await hash(randomBytes(32), optionsOf(leastStrength)));
  }

  /** A hash that no password matches: checking against it costs as much as checking a real one. */
  get decoy(): string {
    return this.#decoy;
  }

  get strength(): HashStrength {
    return this.#strength;
  }

  /** Hashes from now on so; weaker hashes count as outdated. */
  async use(strength: HashStrength): Promise<void> {
    this.#decoy = await hash(randomBytes(32), optionsOf(strength));
    this.#strength = strength;
  }

  /** @throws AppError `OVERLOADED` with `retryAfterSeconds` where a hash would wait too long */
  assertRoom(caller: HashingCaller): void {
    this.#queue.assertRoom(lineOf(caller));
  }

  /** @throws AppError `OVERLOADED` with `retryAfterSeconds` */
  async hash(caller: HashingCaller, password: string): Promise<string> {
    return this.#run(caller, () => hash(normalise(password), optionsOf(this.#strength)));
  }

  /**
   * @param storedHash argon2 in PHC form, or bcrypt as other systems leave it behind
   * @throws AppError `OVERLOADED` with `retryAfterSeconds`
   */
  async verify(caller: HashingCaller, password: string, storedHash: string): Promise<PasswordVerdict> {
    if (bcryptPattern.test(storedHash)) {
      return {
        matches: await this.#run(caller, () => verifyBcrypt(password, storedHash)),
        // It has seen no more of them: what was typed may be another one, which would take its owner's place.
        isOutdated: Buffer.byteLength(password) < bcryptBytes,
      };
    }
    const matches = await this.#run(caller, () => verify(storedHash, normalise(password)));
    return { matches, isOutdated: !isToday(storedHash, this.#strength) };
  }

  #run<T>(caller: HashingCaller, work: () => Promise<T>): Promise<T> {
    return this.#queue.run(lineOf(caller), work, caller.standAside);
  }
}

/** How long one hash takes at a strength: the shortest of a few, for neighbours only ever make it longer. */
export async function measureHashMs(strength: HashStrength): Promise<number> {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const startedAtMs = performance.now();
    await hash(randomBytes(32), optionsOf(strength));
    shortestMs = Math.min(shortestMs, performance.now() - startedAtMs);
  }
  return shortestMs;
}

function isToday(storedHash: string, strength: HashStrength): boolean {
  const { algorithm, memoryCost, timeCost } = parseOptions(storedHash);
  return Number(algorithm) === argon2id && isAsStrong({ memoryKiB: memoryCost, passes: timeCost }, strength);
}

/** Argon2id is the package's default; one lane, for cores are better used by another password. */
const optionsOf = ({ memoryKiB, passes }: HashStrength): Options => ({
  memoryCost: memoryKiB,
  timeCost: passes,
  parallelism: 1,
});

const lineOf = ({ client }: HashingCaller): string => client.address ?? 'somewhere';

/** Keyboards spell one letter in different code points (NIST SP 800-63B, 5.1.1.2). */
const normalise = (password: string): string => password.normalize('NFKC');
