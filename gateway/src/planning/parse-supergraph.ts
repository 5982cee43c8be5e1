import { StartError } from '@tessera/service/errors';
import { isTypeDefinitionNode, Kind, TokenKind, type DefinitionNode, type DocumentNode } from 'graphql';
import { Parser } from 'graphql/language/parser.js';
import type { Pieces } from './pieces.js';

/** Where a definition stands in the SDL: from its description up to the next one. */
export interface DefinitionPlace {
  readonly start: number;
  readonly end: number;
}

export interface ParsedSupergraph {
  readonly document: DocumentNode;
  /** Of the types, by their names. */
  readonly places: ReadonlyMap<string, DefinitionPlace>;
}

/** Says where it is, which costs less than a location at every node. */
class PlacedParser extends Parser {
  get position(): number {
    return this._lexer.token.start;
  }
}

/**
 * Parses a supergraph as graphql-js's `parse` does, a definition at a time: of thousands of types it takes as long as a
 * hundred requests.
 *
 * @throws StartError for what is no GraphQL
 */
export function* parseSupergraph(sdl: string): Pieces<ParsedSupergraph> {
  try {
    const parser = new PlacedParser(sdl, { noLocation: true });
    const definitions: DefinitionNode[] = [];
    const places = new Map<string, DefinitionPlace>();
    parser.expectToken(TokenKind.SOF);
    do {
      const start = parser.position;
      const definition = parser.parseDefinition();
      definitions.push(definition);
      if (isTypeDefinitionNode(definition)) places.set(definition.name.value, { start, end: parser.position });
      yield;
    } while (!parser.expectOptionalToken(TokenKind.EOF));
    return { document: { kind: Kind.DOCUMENT, definitions }, places };
  } catch (error) {
    throw new StartError(`Supergraph does not load: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
