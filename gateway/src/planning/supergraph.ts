import { StartError } from '@tessera/service/errors';
import { createHash } from 'node:crypto';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { readFeatureNames, type FeatureNames } from './feature-names.js';
import { createTypeTexts, type FindTypeText } from './kept/type-texts.js';
import { parseSupergraph } from './parse-supergraph.js';
import { atOnce, type Pace, type Pieces } from './pieces.js';
import { publicSchemaPieces } from './public-schema.js';
import { readRollOut, type RollOut } from './roll-out.js';
import { subgraphIndexPieces, type SubgraphIndex } from './tessera/subgraph-index.js';
import { factPieces, type SupergraphFacts } from './supergraph-facts.js';

/** One subgraph as the supergraph names it: `join__Graph(name:, url:)`. */
export interface SubgraphEndpoint {
  readonly name: string;
  /** Where it answers GraphQL over HTTP; empty where the supergraph does not say. */
  readonly url: string;
}

/** A supergraph that loaded: everything the rooms need to know about it, computed once. */
export interface Supergraph {
  readonly sdl: string;
  /** SHA-256 of the SDL, hex: two supergraphs with one id are the same. */
  readonly id: string;
  /**
   * What consumers see: no `join__`, no `@inaccessible`; made for graphql-js `validate` and introspection. The
   * `astNode`s of its types and fields keep the directives that guards read (`@authenticated`, `@cost`, `@tag` ...).
   */
  readonly publicSchema: GraphQLSchema;
  /** What it calls the directives of the features that it links. */
  readonly features: FeatureNames;
  readonly subgraphs: ReadonlyMap<string, SubgraphEndpoint>;
  /** What planning and execution need beyond the public schema. */
  readonly facts: SupergraphFacts;
  /** What each subgraph knows, for requests of one roll; see `Planner.plan`. */
  indexFor(roll: number): SubgraphIndex;
  /** What is rolled out to a part of the requests; mostly nothing. */
  readonly rollOut: RollOut | undefined;
  /** The text of a type, hidden ones included. */
  readonly typeText: FindTypeText;
}

/** A supergraph, and its syntax tree for who reads in it once; nobody is to keep that. */
export interface LoadedSupergraph {
  readonly supergraph: Supergraph;
  readonly document: DocumentNode;
}

/**
 * Loads a composed supergraph.
 *
 * @throws Error whose message lists the reasons, for text that is not a supergraph
 */
export function loadSupergraph(sdl: string): Supergraph {
  return atOnce(loadPieces(sdl)).supergraph;
}

/** As {@link loadSupergraph}, as fast as `pace` allows: beside requests a large one keeps nobody waiting. */
export async function loadSupergraphAt(pace: Pace, sdl: string): Promise<LoadedSupergraph> {
  return pace(loadPieces(sdl));
}

function* loadPieces(sdl: string): Pieces<LoadedSupergraph> {
  const { document, places } = yield* parseSupergraph(sdl);
  const facts = yield* factPieces(document);
  const subgraphs = readSubgraphs(document);
  if (subgraphs.size === 0) {
    throw new StartError(
      'Supergraph does not load: enum join__Graph names no subgraph (is this a composed supergraph?)',
    );
  }
  yield;
  const publicSchema = yield* publicSchemaPieces(document);
  // To look through a large supergraph for nothing takes as long as to parse it; all define the argument, few give it.
  const rollOut = /\boverrideLabel\s*:\s*"/.test(sdl) ? readRollOut(document) : undefined;
  yield;
  const index = yield* subgraphIndexPieces(document);
  const indexes = new Map<number, SubgraphIndex>();
  for (const roll of rollOut?.rolls ?? []) indexes.set(roll, yield* subgraphIndexPieces(document, roll));
  const supergraph = {
    sdl,
    id: createHash('sha256').update(sdl).digest('hex'),
    publicSchema,
    features: readFeatureNames(document),
    subgraphs,
    facts,
    indexFor: (roll: number): SubgraphIndex => indexes.get(roll) ?? index,
    rollOut,
    typeText: createTypeTexts(sdl, places),
  };
  return { supergraph, document };
}

function readSubgraphs(document: DocumentNode): ReadonlyMap<string, SubgraphEndpoint> {
  const subgraphs = new Map<string, SubgraphEndpoint>();
  for (const definition of document.definitions) {
    if (definition.kind !== 'EnumTypeDefinition' || definition.name.value !== 'join__Graph') continue;
    for (const value of definition.values ?? []) {
      const graph = value.directives?.find((directive) => directive.name.value === 'join__graph');
      if (graph === undefined) continue;
      const given = new Map(
        graph.arguments?.map(({ name, value: text }) => [name.value, text.kind === 'StringValue' ? text.value : '']),
      );
      const name = given.get('name') ?? value.name.value;
      subgraphs.set(name, { name, url: given.get('url') ?? '' });
    }
  }
  return subgraphs;
}
