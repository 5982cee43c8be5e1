import { StartError } from '@tessera/service/errors';
import { Kind, TokenKind, type DefinitionNode, type DocumentNode } from 'graphql';
import { Parser } from 'graphql/language/parser.js';
import type { Pieces } from './pieces.js';

/**
 * Parses a supergraph as graphql-js's `parse` does, a definition at a time: of thousands of types it takes as long as a
 * hundred requests.
 *
 * @throws StartError for what is no GraphQL
 */
export function* parseSupergraph(sdl: string): Pieces<DocumentNode> {
  try {
    const parser = new Parser(sdl, { noLocation: true });
    const definitions: DefinitionNode[] = [];
    parser.expectToken(TokenKind.SOF);
    do {
      definitions.push(parser.parseDefinition());
      yield;
    } while (!parser.expectOptionalToken(TokenKind.EOF));
    return { kind: Kind.DOCUMENT, definitions };
  } catch (error) {
    throw new StartError(`Supergraph does not load: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
