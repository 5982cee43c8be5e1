import { AppError } from '@tessera/service/errors';

/** Why what was begun for a client is given up. */
export function clientLeft(): AppError {
  return new AppError('PRECONDITION_FAILED', 'The client left before its answer was ready');
}
