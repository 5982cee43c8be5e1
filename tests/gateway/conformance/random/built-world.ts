import { buildASTSchema, parse, type GraphQLSchema } from 'graphql';
import { compose } from '../../support/federation.js';
import { declareSubgraph, type Declared } from './declare-subgraph.js';
import { printMonolith } from './print-monolith.js';
import { printSubgraph } from './print-world.js';
import type { World } from './world.js';
import { indexWorld, type WorldIndex } from './world-index.js';

/** A model with everything that follows from it. */
export interface BuiltWorld {
  readonly world: World;
  readonly subgraphs: readonly Declared[];
  readonly index: WorldIndex;
  /** What consumers see. */
  readonly schema: GraphQLSchema;
  /** With what is hidden from them. */
  readonly fullSchema: GraphQLSchema;
}

/** @throws Error where the model contradicts itself */
export function buildWorld(world: World): BuiltWorld {
  const subgraphs = world.subgraphs.map((subgraph) => declareSubgraph(world, subgraph));
  const build = (showsHidden: boolean): GraphQLSchema =>
    buildASTSchema(parse(printMonolith(world, subgraphs, showsHidden), { noLocation: true }), { assumeValid: true });
  return { world, subgraphs, index: indexWorld(world, subgraphs), schema: build(false), fullSchema: build(true) };
}

/** @throws Error with the reasons where the subgraphs do not compose */
export function composeWorld({ world, subgraphs }: BuiltWorld, urlOf: (subgraph: string) => string): string {
  return compose(
    Object.fromEntries(
      subgraphs.map((declared) => [
        declared.subgraph,
        { typeDefs: printSubgraph(world, declared), url: urlOf(declared.subgraph) },
      ]),
    ),
  );
}
