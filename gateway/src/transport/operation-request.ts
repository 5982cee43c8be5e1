import { AppError } from '@tessera/service/errors';
import { assertPlainJson } from './assert-plain-json.js';

type JsonRecord = Readonly<Record<string, unknown>>;

/** One GraphQL request as a client sent it: the types are right, nothing else has been looked at. */
export interface OperationRequest {
  /** Absent where `documentId` or `extensions.persistedQuery` stands for it. */
  readonly query: string | undefined;
  /** What a registered document is called, as it was sent (GraphQL over HTTP, appendix on persisted documents). */
  readonly documentId: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: JsonRecord | undefined;
  readonly extensions: JsonRecord | undefined;
}

/**
 * Checks the parameters of a GraphQL request, whatever carried them.
 *
 * @throws AppError `BAD_USER_INPUT` naming the parameter that has the wrong type
 */
export function parseOperationRequest(parameters: unknown): OperationRequest {
  if (Array.isArray(parameters)) {
    throw new AppError('BAD_USER_INPUT', 'The request must be one operation, not a list');
  }
  if (!isRecord(parameters)) throw new AppError('BAD_USER_INPUT', 'The request must be a JSON object');
  if (Object.hasOwn(parameters, '__proto__')) throw new AppError('BAD_USER_INPUT', 'The request has a key __proto__');
  const query = optionalString(parameters, 'query');
  const request = {
    query,
    documentId: readDocumentId(parameters, query),
    operationName: optionalString(parameters, 'operationName'),
    variables: optionalRecord(parameters, 'variables'),
    extensions: optionalRecord(parameters, 'extensions'),
  };
  if (
    request.query === undefined &&
    request.documentId === undefined &&
    request.extensions?.['persistedQuery'] === undefined
  ) {
    throw new AppError('BAD_USER_INPUT', 'Parameter query is required');
  }
  return request;
}

/** Relay's networks say `doc_id` or `id`; beside a text, where old clients send them too, the text says it all. */
function readDocumentId(parameters: JsonRecord, query: string | undefined): string | undefined {
  const documentId = optionalString(parameters, 'documentId');
  if (documentId !== undefined || query !== undefined) return documentId;
  return optionalString(parameters, 'doc_id') ?? optionalString(parameters, 'id');
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty string is as good as none: that is how forms and some clients say nothing. */
function optionalString(parameters: JsonRecord, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new AppError('BAD_USER_INPUT', `Parameter ${name} must be a string`);
  return value;
}

function optionalRecord(parameters: JsonRecord, name: string): JsonRecord | undefined {
  const value = parameters[name];
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) throw new AppError('BAD_USER_INPUT', `Parameter ${name} must be a JSON object`);
  assertPlainJson(name, value);
  return value;
}
