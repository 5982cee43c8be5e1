import { AppError, type ErrorCode } from '@tessera/service/errors';

/** The answer is larger than is read. */
export class OversizedAnswer extends Error {
  constructor(maxBytes: number) {
    super(`The answer is larger than ${maxBytes} bytes`);
  }
}

/** The request cannot be sent as it is, whoever is asked. */
export class UnfitRequest extends Error {}

/** The request was refused, and in no words of GraphQL; by a proxy's or a middleware's sign-in, for one. */
export class RefusedRequest extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, cause: unknown) {
    super(`The request was refused with status ${statusCode}`, { cause });
    this.statusCode = statusCode;
  }
}

/** What a refusal means to the client; a refusal for another reason is no help to it. */
const refusalCodes: ReadonlyMap<number, ErrorCode> = new Map([
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
]);

/** The connection ended before the answer did: whether the request was worked on is not known. */
const lostConnectionCodes: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

const unsentCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether there was no connection to send the request on, so that it certainly did nothing. */
export function isUnsent(error: unknown): boolean {
  const causes = propertyOf(error, 'errors');
  if (Array.isArray(causes) && causes.length > 0) return causes.every(isUnsent);
  return unsentCodes.has(errorCodeOf(error)) || propertyOf(error, 'syscall') === 'connect';
}

/** Whether the connection was lost while the request was under way. */
export function isLostConnection(error: unknown): boolean {
  return lostConnectionCodes.has(errorCodeOf(error)) && !isUnsent(error);
}

/** `code` of a failure of Node or undici, which are not errors of this realm everywhere. */
export function errorCodeOf(error: unknown): unknown {
  return propertyOf(error, 'code');
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** What a failed request means to the client; errors that are ours already stay as they are. */
export function toSubgraphError(subgraph: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = thrown instanceof RefusedRequest ? refusalCodes.get(thrown.statusCode) : undefined;
  if (code !== undefined) return new AppError(code, `Subgraph "${subgraph}" refused the request`, { cause: thrown });
  return new AppError('SUBGRAPH_UNAVAILABLE', `Subgraph "${subgraph}" is not available`, { cause: thrown });
}
