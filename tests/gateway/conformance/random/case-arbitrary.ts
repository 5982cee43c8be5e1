import fc from 'fast-check';
import { createChance, type Chance } from './chance.js';
import { buildWorld } from './built-world.js';
import type { Case, Experiment } from './check-case.js';
import { generateOperation } from './generate-operation.js';
import { generateWorld } from './generate-world.js';
import { shrinkOperation } from './shrink-operation.js';
import { shrinkWorld } from './shrink-world.js';
import type { DataModel } from './world-data.js';
import type { World } from './world.js';

/** Random supergraphs with so many random operations each. They shrink by leaving out parts, until every part counts. */
export function randomCase(operations: number): fc.Arbitrary<Case> {
  return new CaseArbitrary(operations);
}

class CaseArbitrary extends fc.Arbitrary<Case> {
  readonly #operations: number;

  constructor(operations: number) {
    super();
    this.#operations = operations;
  }

  override generate(random: fc.Random): fc.Value<Case> {
    const chance = createChance((min, max) => random.nextInt(min, max));
    const world = generateWorld(chance);
    return new fc.Value({ world, experiments: generateExperiments(world, chance, this.#operations) }, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Case {
    return typeof value === 'object' && value !== null && 'world' in value && 'experiments' in value;
  }

  override shrink(value: Case): fc.Stream<fc.Value<Case>> {
    return new fc.Stream(shrinkCase(value)).map((smaller) => new fc.Value(smaller, undefined));
  }
}

function generateExperiments(world: World, chance: Chance, count: number): Experiment[] {
  try {
    const { schema } = buildWorld(world);
    return Array.from({ length: count }, () => ({
      operation: generateOperation(schema, chance),
      data: generateData(chance),
    }));
  } catch {
    // A model that contradicts itself is discarded when it is checked.
    return [];
  }
}

function generateData(chance: Chance): DataModel {
  return {
    seed: chance.below(1_000_000),
    entities: 1 + chance.below(4),
    maxItems: 1 + chance.below(4),
    nullRate: chance.flip(0.5) ? 0 : 0.2,
    errorRate: chance.flip(0.6) ? 0 : 0.1,
    missingRate: chance.flip(0.7) ? 0 : 0.3,
  };
}

/** Smaller cases, those that leave out most first. */
export function* shrinkCase({ world, experiments }: Case): Generator<Case> {
  const [experiment] = experiments;
  if (experiment === undefined) return;
  if (experiments.length > 1) {
    for (const one of experiments) yield { world, experiments: [one] };
    return;
  }
  const { operation, data } = experiment;
  yield { world: onlyUsed(world, operation.source), experiments };
  for (const smaller of shrinkOperation(operation)) {
    if (smaller.source !== operation.source) yield { world, experiments: [{ operation: smaller, data }] };
  }
  for (const smaller of shrinkWorld(world)) yield { world: smaller, experiments };
  for (const rate of ['nullRate', 'errorRate', 'missingRate'] as const) {
    if (data[rate] > 0) yield { world, experiments: [{ operation, data: { ...data, [rate]: 0 } }] };
  }
  for (const count of ['entities', 'maxItems'] as const) {
    if (data[count] > 1) yield { world, experiments: [{ operation, data: { ...data, [count]: data[count] - 1 } }] };
  }
}

/** Without the fields that neither the operation nor another field names. */
function onlyUsed(world: World, source: string): World {
  const texts = world.objects.flatMap(({ fields }) =>
    fields.flatMap(({ requires, provides, fromContext }) => [
      requires ?? '',
      ...Object.values(provides),
      ...Object.values(fromContext?.sources ?? {}),
    ]),
  );
  const used = new Set([source, ...texts].join(' ').match(/\w+/g));
  return {
    ...world,
    queries: world.queries.filter(({ name }) => used.has(name)),
    mutations: world.mutations.filter(({ name }) => used.has(name)),
    objects: world.objects.map((object) => ({
      ...object,
      fields: object.fields.filter(({ name, isKey }) => isKey || used.has(name) || name.startsWith('c')),
    })),
  };
}
