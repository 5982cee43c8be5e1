import type { FlattenPath } from '../query-plan.js';

/** A part of an answer: the first one, or that of a deferred fragment by its number from 1. */
export type Part = number;

/** What is answered at once. */
export const firstPart: Part = 0;

/** Which parts of the answer need what stands at one place of the result tree. Types are not told apart: it may say too much. */
export class Need {
  readonly parts = new Set<Part>();
  readonly below = new Map<string, Need>();

  at(key: string): Need {
    const known = this.below.get(key) ?? new Need();
    this.below.set(key, known);
    return known;
  }

  mark(parts: Iterable<Part>): void {
    for (const part of parts) this.parts.add(part);
  }
}

/** The places that a path leads to, the last one last. */
export function needsAlong(root: Need, path: FlattenPath): Need[] {
  const along = [root];
  for (const segment of path) {
    if (segment === '@' || 'TypeCondition' in segment) continue;
    along.push((along.at(-1) ?? root).at(segment.Field));
  }
  return along;
}

/** The parts that need anything at a place or below it. */
export function partsWithin(need: Need): Set<Part> {
  const parts = new Set(need.parts);
  for (const below of need.below.values()) for (const part of partsWithin(below)) parts.add(part);
  return parts;
}
