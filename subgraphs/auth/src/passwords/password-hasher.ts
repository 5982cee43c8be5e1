import { randomBytes } from 'node:crypto';
import { hash, parseOptions, verify, type Options } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';

/** Argon2id, which is the package's default, with OWASP's first recommendation: 19 MiB, 2 passes, 1 lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } satisfies Options;

const argon2id = 2;
const bcryptPattern = /^\$2[aby]\$/;

export interface PasswordVerdict {
  readonly matches: boolean;
  /** The hash is of another algorithm or weaker than today's: hash the password anew while it is at hand. */
  readonly isOutdated: boolean;
}

/** Hashes and checks passwords, on the thread pool and never on the event loop. */
export class PasswordHasher {
  private constructor(
    /** A hash that no password matches: checking against it costs as much as checking a real one. */
    readonly decoy: string,
  ) {}

  static async create(): Promise<PasswordHasher> {
    return new PasswordHasher(await hash(randomBytes(32), parameters));
  }

  async hash(password: string): Promise<string> {
    return hash(normalise(password), parameters);
  }

  /** @param storedHash argon2 in PHC form, or bcrypt as other systems leave it behind */
  async verify(password: string, storedHash: string): Promise<PasswordVerdict> {
    if (bcryptPattern.test(storedHash)) {
      return { matches: await verifyBcrypt(password, storedHash), isOutdated: true };
    }
    const { algorithm, memoryCost, timeCost } = parseOptions(storedHash);
    const isStrong =
      Number(algorithm) === argon2id && memoryCost >= parameters.memoryCost && timeCost >= parameters.timeCost;
    return { matches: await verify(storedHash, normalise(password)), isOutdated: !isStrong };
  }
}

/** Keyboards spell one letter in different code points (NIST SP 800-63B, 5.1.1.2). */
const normalise = (password: string): string => password.normalize('NFKC');
