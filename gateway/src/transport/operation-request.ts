import { AppError } from '@tessera/service/errors';

type JsonRecord = Readonly<Record<string, unknown>>;

/** One GraphQL request as a client sent it: the types are right, nothing else has been looked at. */
export interface OperationRequest {
  /** Absent where `extensions.persistedQuery` stands for it. */
  readonly query: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: JsonRecord | undefined;
  readonly extensions: JsonRecord | undefined;
}

/** How deep `variables` and `extensions` may nest: deeper than any input type, far from the end of the stack. */
const maxNesting = 128;

/**
 * Checks the parameters of a GraphQL request, whatever carried them.
 *
 * @throws AppError `BAD_USER_INPUT` naming the parameter that has the wrong type
 */
export function parseOperationRequest(parameters: unknown): OperationRequest {
  if (Array.isArray(parameters)) {
    throw new AppError('BAD_USER_INPUT', 'Batched requests are not accepted: send one operation at a time');
  }
  if (!isRecord(parameters)) throw new AppError('BAD_USER_INPUT', 'The request must be a JSON object');
  const request = {
    query: optionalString(parameters, 'query'),
    operationName: optionalString(parameters, 'operationName'),
    variables: optionalRecord(parameters, 'variables'),
    extensions: optionalRecord(parameters, 'extensions'),
  };
  if (request.query === undefined && request.extensions?.['persistedQuery'] === undefined) {
    throw new AppError('BAD_USER_INPUT', 'Parameter query is required');
  }
  return request;
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
  if (nestsTooDeep(value))
    throw new AppError('BAD_USER_INPUT', `Parameter ${name} nests deeper than ${maxNesting} levels`);
  return value;
}

/** Level by level, because a recursive walk would overflow on the very input it looks for. */
function nestsTooDeep(root: object): boolean {
  let level: readonly object[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxNesting) return true;
    level = level.flatMap((value) =>
      Object.values(value).filter((child): child is object => typeof child === 'object' && child !== null),
    );
  }
  return false;
}
