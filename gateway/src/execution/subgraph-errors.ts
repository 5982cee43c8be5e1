import { AppError } from '@tessera/service/errors';

/** The connection ended, or never began, before any answer. */
const lostConnectionCodes: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** Whether a request may be sent again on a fresh connection because the old one was gone. */
export function isLostConnection(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isLostConnection);
  return error instanceof Error && 'code' in error && lostConnectionCodes.has(error.code);
}

/** What a failed request means to the client; errors that are ours already stay as they are. */
export function toSubgraphError(subgraph: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError('SUBGRAPH_UNAVAILABLE', `Subgraph "${subgraph}" is not available`, { cause: thrown });
}
