/** What makes a hash of a password by Argon2id dear to guess. */
export interface HashStrength {
  readonly memoryKiB: number;
  readonly passes: number;
}

/** OWASP's recommendation for Argon2id (password storage cheat sheet): nothing weaker is ever used. */
export const leastStrength: HashStrength = Object.freeze({ memoryKiB: 19_456, passes: 2 });

/** More would not fit beside others into a container of half a gigabyte: beyond it passes are added. */
const mostMemoryKiB = 47_104;
const mostPasses = 20;

/** Whether hashes of the first are at least as dear as those of the second. */
export function isAsStrong(hash: HashStrength, asked: HashStrength): boolean {
  return hash.memoryKiB >= asked.memoryKiB && hash.passes >= asked.passes;
}

/** What is at least as strong as both. */
export function strongerOf(first: HashStrength, second: HashStrength): HashStrength {
  return {
    memoryKiB: Math.max(first.memoryKiB, second.memoryKiB),
    passes: Math.max(first.passes, second.passes),
  };
}

/**
 * Finds the strength at which one hash takes about so long. Time grows with the product of memory and passes; of both, memory
 * costs who guesses more.
 *
 * @param measureMs how long one hash takes at a strength
 */
export async function findStrength(
  targetMs: number,
  measureMs: (strength: HashStrength) => Promise<number>,
): Promise<HashStrength> {
  const guess = strengthOf((productOf(leastStrength) * targetMs) / (await measureMs(leastStrength)));
  const guessMs = await measureMs(guess);
  return guessMs <= targetMs ? guess : strengthOf((productOf(guess) * targetMs) / guessMs);
}

const productOf = ({ memoryKiB, passes }: HashStrength): number => memoryKiB * passes;

function strengthOf(product: number): HashStrength {
  const passes = Math.min(mostPasses, Math.max(leastStrength.passes, Math.ceil(product / mostMemoryKiB)));
  const memoryKiB = Math.min(mostMemoryKiB, Math.floor(product / passes / 1_024) * 1_024);
  return strongerOf({ memoryKiB, passes }, leastStrength);
}
