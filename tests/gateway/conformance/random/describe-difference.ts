import { buildWorld } from './built-world.js';
import type { Difference } from './check-case.js';
import { printSubgraph } from './print-world.js';
import type { World } from './world.js';

/** Everything that somebody needs to see a difference again, as text. */
export function describeDifference(world: World, difference: Difference): string {
  const { experiment, actual, expected, kind, reason } = difference;
  const { operation, data } = experiment;
  const { subgraphs } = buildWorld(world);
  const sdl = subgraphs.map((declared) => `# ${declared.subgraph}\n${printSubgraph(world, declared)}`);
  return [
    `The answers differ: ${kind} ${reason}`,
    ...sdl,
    operation.source,
    `variables ${JSON.stringify(operation.variables)}`,
    `data ${JSON.stringify(data)}`,
    `engine   ${JSON.stringify(actual)}`,
    `monolith ${JSON.stringify(expected)}`,
  ].join('\n\n');
}
