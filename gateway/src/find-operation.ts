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
  /** Root fields that people have who are barred from their tenant, where an operation selects no others. */
  readonly policyFreeFields: ReadonlySet<string>;
  /** Root fields that need nobody signed in: what people have whose token is not taken, where an operation selects no others. */
  readonly strangersFields: ReadonlySet<string>;
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
export type FindOperation = (
  request: OperationRequest,
  context: RequestContext,
) => FoundOperation | Promise<FoundOperation>;

/** Finds operations; where there are limits, each counts towards its caller's. */
export function createFindOperation(options: FindOperationOptions): FindOperation {
  const { findDocument, admission, rateLimits, callQuotas, policyFreeFields, strangersFields } = options;
  const admit = (stored: StoredDocument, request: OperationRequest, context: RequestContext): FoundOperation => {
    const operation = selectOperation(stored, request.operationName);
    const admitted = admission.admit(stored.document, operation, request.variables, context.principal);
    if (context.barredBy !== undefined && !areFree(admitted.rootFields, policyFreeFields)) throw context.barredBy;
    if (context.refusedToken !== undefined && !bringsIn(admitted.rootFields, strangersFields))
      throw context.refusedToken;
    return { stored, operation, admitted };
  };
  const find: FindOperation = (request, context) => {
    const found = findDocument(request, context);
    return found instanceof Promise
      ? found.then((stored) => admit(stored, request, context))
      : admit(found, request, context);
  };
  if (rateLimits === undefined && callQuotas === undefined) return find;

  const assertLeft = (found: FoundOperation, context: RequestContext): FoundOperation => {
    callQuotas?.assertLeft(context.principal, found.admitted.rootFields);
    return found;
  };
  const count = (found: FoundOperation, context: RequestContext): FoundOperation | Promise<FoundOperation> => {
    const admitting = rateLimits?.admit(context, found);
    return admitting === undefined ? assertLeft(found, context) : admitting.then(() => assertLeft(found, context));
  };
  /**
   * A request whose operation is not found, or not admitted, is counted as well: looking at it is what it costs. A token that is
   * not taken has been counted.
   */
  const refuse = async (error: unknown, context: RequestContext): Promise<never> => {
    if (error !== context.refusedToken) await rateLimits?.admit(context);
    throw error;
  };
  const findCounted: FindOperation = (request, context) => {
    rateLimits?.assertNotSpent(context);
    let found;
    try {
      found = find(request, context);
    } catch (error) {
      return refuse(error, context);
    }
    if (!(found instanceof Promise)) return count(found, context);
    return found.then(
      (later) => count(later, context),
      (error: unknown) => refuse(error, context),
    );
  };

  // Who is moved to another supergraph has not asked again.
  return (request, context) =>
    context.attachment === undefined ? findCounted(request, context) : find(request, context);
}

function areFree(rootFields: ReadonlyMap<string, number>, free: ReadonlySet<string>): boolean {
  for (const name of rootFields.keys()) if (!free.has(name)) return false;
  return true;
}

/** Whether it is for what brings somebody in, and for nothing else: `__typename` alone is asked by who wants to know whether a token is good. */
function bringsIn(rootFields: ReadonlyMap<string, number>, strangersFields: ReadonlySet<string>): boolean {
  return areFree(rootFields, strangersFields) && [...rootFields.keys()].some((name) => name !== '__typename');
}
