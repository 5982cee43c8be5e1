import { AppError } from '@tessera/service/errors';
import type { FastifyRequest } from 'fastify';
import { parseOperationRequest, type OperationRequest } from '../operation-request.js';

/**
 * Reads the GraphQL request out of an HTTP request: POST has it in the body, GET in the query string.
 *
 * @throws AppError `BAD_USER_INPUT`
 */
export function readRequest(request: FastifyRequest): OperationRequest {
  return parseOperationRequest(request.method === 'GET' ? fromQueryString(request.query) : request.body);
}

function fromQueryString(query: unknown): Record<string, unknown> {
  const parameters = { ...(query as Record<string, unknown>) };
  for (const name of ['variables', 'extensions']) {
    const text = parameters[name];
    if (text === undefined || text === '') parameters[name] = undefined;
    else parameters[name] = parseJson(name, text);
  }
  return parameters;
}

function parseJson(name: string, text: unknown): unknown {
  try {
    if (typeof text === 'string') return JSON.parse(text);
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', `Parameter ${name} is not valid JSON`, { cause: error });
  }
  throw new AppError('BAD_USER_INPUT', `Parameter ${name} is given more than once`);
}
