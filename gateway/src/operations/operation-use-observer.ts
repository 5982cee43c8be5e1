import type { ManifestOperation } from '@tessera/service/operations';
import type { RequestContext } from '../context.js';

/** An operation that a client wanted and that is not registered. */
export interface UnlistedOperation {
  /** The id that was asked for, or the SHA-256 of the text. */
  readonly id: string;
  readonly operationName: string | undefined;
  readonly isRefused: boolean;
}

/** Is told, once a request, how its operation stands to the list. Telemetry implements it. */
export interface OperationUseObserver {
  listed(operation: ManifestOperation, by: 'id' | 'text', context: RequestContext): void;
  unlisted(operation: UnlistedOperation, context: RequestContext): void;
}
