import { parseArgs } from 'node:util';
import type { PlannerChoice } from '@tessera/gateway/planning/create-planner';
import fc from 'fast-check';
import { randomCase } from './random/case-arbitrary.js';
import { checkCase } from './random/check-case.js';
import { describeDifference } from './random/describe-difference.js';
import { openLaboratory } from './random/laboratory.js';
import { minimise } from './random/minimise.js';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    planner: { type: 'string', default: 'auto' },
    'plan-ms': { type: 'string', default: '1000' },
    'per-supergraph': { type: 'string', default: '100' },
    differences: { type: 'string', default: '10' },
    attempts: { type: 'string', default: '2000' },
  },
});
const wanted = Number(values.operations);
const firstSeed = Number(values.seed);
const perSupergraph = Number(values['per-supergraph']);
const maxDifferences = Number(values.differences);
const laboratory = await openLaboratory(values.planner as PlannerChoice, Number(values['plan-ms']));
const counts = { supergraphs: 0, discarded: 0, operations: 0, refused: 0, differences: 0 };
const startedAtMs = performance.now();
const progressEvery = 5_000;
let isStopped = false;
// What was compared until then still counts.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (isStopped = true));

for (let seed = firstSeed; counts.operations < wanted && !isStopped; seed += 1) {
  const [randomlyMade] = fc.sample(randomCase(perSupergraph), { seed, numRuns: 1 });
  if (randomlyMade === undefined) break;
  const { isComposed, compared, refused, differences } = await checkCase(randomlyMade, laboratory);
  counts[isComposed ? 'supergraphs' : 'discarded'] += 1;
  if (Math.floor((counts.operations + compared) / progressEvery) > Math.floor(counts.operations / progressEvery)) {
    process.stdout.write(`... ${counts.operations + compared} operations, up to seed ${seed}\n`);
  }
  counts.operations += compared;
  counts.refused += refused.length;
  counts.differences += differences.length;
  const [first] = differences;
  if (first === undefined) continue;
  const smallest = await minimise(randomlyMade.world, first, laboratory, Number(values.attempts));
  process.stdout.write(`\n--- seed ${seed}: ${differences.length} of ${compared} operations differ\n`);
  process.stdout.write(`${describeDifference(smallest.world, smallest.difference)}\n`);
  if (counts.differences >= maxDifferences) break;
}

await laboratory.close();
const seconds = (performance.now() - startedAtMs) / 1_000;
const fallbacks = [...laboratory.fallbacks].sort(([, one], [, other]) => other - one);
process.stdout.write(
  `\n${counts.operations} operations over ${counts.supergraphs} supergraphs (${counts.discarded} did not compose), ` +
    `${counts.differences} differences, ${counts.refused} too complex to plan, seed ${firstSeed}, ${values.planner} planner, ` +
    `${seconds.toFixed(1)} s, ${(counts.operations / seconds).toFixed(0)} operations/s\n` +
    fallbacks.map(([reason, times]) => `  planned by Tessera's planner ${times} times: ${reason}\n`).join(''),
);
process.exitCode = counts.differences === 0 ? 0 : 1;
