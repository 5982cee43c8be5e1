import { parse, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import { createChance, randomOperation } from './random-operation.js';

const argumentValues = {
  id: ['"u1"', '"u2"'],
  first: ['1', '2'],
  upper: ['true', 'false'],
  hidden: ['false'],
  currency: ['"JPY"', '"EUR"'],
  unit: ['"mm"', '"cm"'],
  zone: ['1', '3'],
  text: ['"x"'],
  number: ['1'],
  flags: ['[true]'],
  input: ['{ color: BLUE }', '{}'],
};

/** A valid operation of the shop. */
export interface ShopOperation {
  /** What it was made from: the same gives the same. */
  readonly seed: number;
  readonly source: string;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Makes operations of the shop by chance, without end.
 *
 * @param change makes another text of each; what is not valid then is left out
 */
export function* shopOperations(
  schema: GraphQLSchema,
  firstSeed: number,
  change = (source: string, _chance: () => number): string => source,
): Generator<ShopOperation, never> {
  for (let seed = firstSeed; ; seed += 1) {
    const chance = createChance(seed);
    const { source: whole, variables } = randomOperation(schema, chance, argumentValues);
    const source = change(whole, chance);
    const document = parse(source);
    if (validate(schema, document).length === 0) yield { seed, source, document, variables };
  }
}
