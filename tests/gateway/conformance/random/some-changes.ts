import { shrinkWorld } from './shrink-world.js';
import type { World } from './world.js';

/** Some of the supergraphs that have one thing less, from all over. */
export function someChanges(world: World, count: number): World[] {
  const all = [...shrinkWorld(world)];
  return Array.from({ length: count }, (_, position) => all[Math.floor((position * all.length) / count)]).filter(
    (one) => one !== undefined,
  );
}
