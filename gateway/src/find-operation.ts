import type { OperationDefinitionNode } from 'graphql';
import type { RequestContext } from './context.js';
import type { Admission, AdmittedOperation } from './guards/admit-operation.js';
import type { CallQuotas } from './guards/quotas/call-quotas.js';
import type { RateLimits } from './guards/rate-limits/rate-limits.js';
import type { StoredDocument } from './operations/document-store.js';
import type { FindDocument } from './operations/find-document.js';
import { selectOperation } from './operations/select-operation.js';
import type { OperationRequest } from './transport/operation-request.js';

export interface FindOperationOptions {
  readonly findDocument: FindDocument;
  readonly admission: Admission;
  /** Absent where nothing is limited. */
  readonly rateLimits: RateLimits | undefined;
  /** Absent where nobody counts tenants' calls. */
  readonly callQuotas: CallQuotas | undefined;
}

/** What a request asks for, once it may. */
export interface FoundOperation {
  readonly stored: StoredDocument;
  readonly operation: OperationDefinitionNode;
  readonly admitted: AdmittedOperation;
}

/**
 * Finds a request's document and operation, and lets it in.
 *
 * @throws AppError or OperationRefusal
 */
export type FindOperation = (request: OperationRequest, context: RequestContext) => Promise<FoundOperation>;

/** Finds operations; where there are limits, each counts towards its caller's. */
export function createFindOperation(options: FindOperationOptions): FindOperation {
  const { findDocument, admission, rateLimits, callQuotas } = options;
  const find: FindOperation = async (request, context) => {
    const stored = await findDocument(request, context);
    const operation = selectOperation(stored, request.operationName);
    const admitted = admission.admit(stored.document, operation, request.variables, context.principal);
    return { stored, operation, admitted };
  };
  if (rateLimits === undefined && callQuotas === undefined) return find;

  /** A request whose operation is not found, or not admitted, is counted as well: looking at it is what it costs. */
  const findCounted: FindOperation = async (request, context) => {
    rateLimits?.assertNotSpent(context);
    const found = await find(request, context).catch(async (error: unknown) => {
      await rateLimits?.admit(context);
      throw error;
    });
    await rateLimits?.admit(context, found);
    callQuotas?.assertLeft(context.principal, found.admitted.rootFields);
    return found;
  };

  // Who is moved to another supergraph has not asked again.
  return (request, context) =>
    context.attachment === undefined ? findCounted(request, context) : find(request, context);
}
