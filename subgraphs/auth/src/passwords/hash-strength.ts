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

/** The least is far from the target, and a memory that caches hold is faster: what comes of it is put right once or twice. */
const mostTries = 3;

/**
 * Finds the strength at which one hash takes about so long, rather than what is certainly below it. Time grows with the product
 * of memory and passes; of both, memory costs who guesses more.
 *
 * @param measureMs how long one hash takes at a strength
 */
export async function findStrength(
  targetMs: number,
  measureMs: (strength: HashStrength) => Promise<number>,
): Promise<HashStrength> {
  let nearest = { strength: leastStrength, takesMs: await measureMs(leastStrength) };
  const distanceOf = (takesMs: number): number => Math.abs(takesMs - targetMs);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const strength = strengthOf((productOf(nearest.strength) * targetMs) / nearest.takesMs);
    if (productOf(strength) === productOf(nearest.strength)) break;
    const takesMs = await measureMs(strength);
    if (distanceOf(takesMs) >= distanceOf(nearest.takesMs)) break;
    nearest = { strength, takesMs };
  }
  return nearest.strength;
}

const productOf = ({ memoryKiB, passes }: HashStrength): number => memoryKiB * passes;

function strengthOf(product: number): HashStrength {
  const passes = Math.min(mostPasses, Math.max(leastStrength.passes, Math.ceil(product / mostMemoryKiB)));
  const memoryKiB = Math.min(mostMemoryKiB, Math.floor(product / passes / 1_024) * 1_024);
  return strongerOf({ memoryKiB, passes }, leastStrength);
}
