import { shrinkCase } from './case-arbitrary.js';
import { checkCase, type Case, type Difference } from './check-case.js';
import type { Laboratory } from './laboratory.js';

/** The smallest case in reach that still differs in the same way. */
export async function minimise(
  world: Case['world'],
  difference: Difference,
  laboratory: Laboratory,
  maxAttempts: number,
): Promise<{ readonly world: Case['world']; readonly difference: Difference }> {
  let best = { world, difference };
  let attempts = 0;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of shrinkCase({ world: best.world, experiments: [best.difference.experiment] })) {
      if ((attempts += 1) > maxAttempts) return best;
      const { differences } = await checkCase(candidate, laboratory);
      const [same] = differences.filter(({ kind }) => kind === difference.kind);
      if (same === undefined) continue;
      const isUnchanged =
        JSON.stringify(candidate.world) === JSON.stringify(best.world) &&
        JSON.stringify(same.experiment) === JSON.stringify(best.difference.experiment);
      if (isUnchanged) continue;
      best = { world: candidate.world, difference: same };
      isSmaller = true;
      break;
    }
  }
  return best;
}
