import { AppError } from '@tessera/service/errors';
import { GraphQLError, parse, type DocumentNode } from 'graphql';
import { OperationRefusal } from '../transport/operation-refusal.js';

/**
 * Parses a document within limits.
 *
 * @throws OperationRefusal `GRAPHQL_PARSE_FAILED` with the place; AppError `OPERATION_TOO_LARGE` for too many tokens
 */
export function parseDocument(source: string, maxTokens: number): DocumentNode {
  try {
    return parse(source, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) throw refusal(error, maxTokens);
    // The parser recurses: text that nests some thousand levels deep ends its stack, not its patience.
    if (error instanceof RangeError) throw new AppError('GRAPHQL_PARSE_FAILED', 'The document nests too deep');
    throw error;
  }
}

function refusal(error: GraphQLError, maxTokens: number): Error {
  // graphql-js tells this limit apart by its text alone.
  if (error.message.includes('Parsing aborted')) {
    return new AppError('OPERATION_TOO_LARGE', `The document has more than ${maxTokens} tokens`);
  }
  const { message, locations } = error.toJSON();
  return new OperationRefusal([
    { message, ...(locations === undefined ? {} : { locations }), extensions: { code: 'GRAPHQL_PARSE_FAILED' } },
  ]);
}
