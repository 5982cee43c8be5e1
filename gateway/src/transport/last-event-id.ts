import { AppError } from '@tessera/service/errors';
import type { OperationRequest } from './operation-request.js';

/** Where a subscription is to begin. */
export interface Beginning {
  /** After the event of this id; from now on without one. */
  readonly after: string | undefined;
  /** Whether the client wants to be told first where that is. */
  readonly isTold: boolean;
}

const maxIdLength = 256;
/** An id travels in headers and lines of text. */
const unusable = /[\x00-\x1f\x7f]/;

/**
 * Reads `extensions.lastEventId` of a subscription: the id of an event to go on after; null to be told where "now" is.
 *
 * @throws AppError `BAD_USER_INPUT` for what can be no id
 */
export function readBeginning(extensions: OperationRequest['extensions']): Beginning {
  const id = extensions?.['lastEventId'];
  if (id === undefined) return { after: undefined, isTold: false };
  if (id === null || id === '') return { after: undefined, isTold: true };
  if (typeof id === 'string' && id.length <= maxIdLength && !unusable.test(id)) return { after: id, isTold: false };
  throw new AppError('BAD_USER_INPUT', `lastEventId must be an event's id, of at most ${maxIdLength} characters`);
}

/**
 * Event streams have a header for it, which says more than the URL that browsers send again as it was; and they can tell where
 * they begin without the client's seeing an event (HTML, 9.2.6).
 */
export function withLastEventId(request: OperationRequest, header: string | string[] | undefined): OperationRequest {
  const lastEventId = typeof header === 'string' ? header : (request.extensions?.['lastEventId'] ?? null);
  return { ...request, extensions: { ...request.extensions, lastEventId } };
}

/** Whether a client says by itself that it wants to be told where its stream begins. */
export function asksForBeginning({ extensions }: OperationRequest): boolean {
  return extensions?.['lastEventId'] === null;
}
