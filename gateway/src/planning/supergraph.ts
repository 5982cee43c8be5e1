import type { GraphQLSchema } from 'graphql';

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
  /** What consumers see: no `join__`, no `@inaccessible`; made for graphql-js `validate` and introspection. */
  readonly publicSchema: GraphQLSchema;
  readonly subgraphs: ReadonlyMap<string, SubgraphEndpoint>;
}

/**
 * Loads a composed supergraph.
 *
 * @throws Error whose message lists the reasons, for text that is not a supergraph
 */
export declare function loadSupergraph(sdl: string): Supergraph;
