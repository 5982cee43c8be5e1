import { encodePrincipal, permissionsOf, type Principal } from '@tessera/service/identity';
import type { AppError } from '@tessera/service/errors';
import type { Caller, RequestContext } from '../../context.js';
import type { OperationHandler, ReadyOperation } from '../../transport/operation-handler.js';
import { otherTenant } from './intended-tenant.js';
import type { PolicedCaller, PolicyGuard } from './policy-guard.js';

type Identity = Pick<Caller, 'principal' | 'encodedPrincipal'>;

/** People whom the security policy of their tenant refuses act as the same people in no tenant. */
export interface PolicyEnforcement {
  /** Whoever the caller is as long as that holds. @throws AppError for a program that may not call from there */
  admit<T extends Identity>(caller: T, clientAddress: string | undefined): Promise<T>;
  /** Judges every operation, whatever transport it comes by. */
  enforce(handler: OperationHandler): OperationHandler;
  /** @throws AppError for a program, and for whoever the policy refuses */
  assertAllowed(caller: PolicedCaller): Promise<void>;
}

export function createPolicyEnforcement(guard: PolicyGuard): PolicyEnforcement {
  const outsiders = new WeakMap<Principal, Identity>();

  const outsideOf = (principal: Principal): Identity => {
    const known = outsiders.get(principal) ?? toOutsider(principal);
    outsiders.set(principal, known);
    return known;
  };

  async function prepareBarred(
    handler: OperationHandler,
    request: Parameters<OperationHandler['prepare']>[0],
    context: RequestContext,
    barredBy: AppError,
  ): Promise<ReadyOperation> {
    if (context.principal.kind !== 'user') throw barredBy;
    const barred = (during: RequestContext): RequestContext => ({
      ...during,
      ...outsideOf(during.principal),
      barredBy,
    });
    const ready = await handler.prepare(request, barred(context));
    const { runDeferred } = ready;
    return {
      kind: ready.kind,
      run: (during) => ready.run(barred(during)),
      ...(runDeferred !== undefined && { runDeferred: (during: RequestContext) => runDeferred(barred(during)) }),
      subscribe: (during) => ready.subscribe(barred(during)),
    };
  }

  return {
    async admit(caller, clientAddress) {
      const refused = await guard.judge({ principal: caller.principal, clientAddress });
      if (refused === undefined) return caller;
      if (caller.principal.kind !== 'user') throw refused;
      return { ...caller, ...outsideOf(caller.principal) };
    },
    async assertAllowed(caller) {
      const refused = await guard.judge(caller);
      if (refused !== undefined) throw refused;
    },
    enforce: (handler) => ({
      authenticate: (authorization, clientAddress) => handler.authenticate(authorization, clientAddress),
      prepare(request, context) {
        const judged = otherTenant(context) ?? guard.judge(context);
        if (judged === undefined) return handler.prepare(request, context);
        if (!(judged instanceof Promise)) return prepareBarred(handler, request, context, judged);
        return judged.then((refused) =>
          refused === undefined ? handler.prepare(request, context) : prepareBarred(handler, request, context, refused),
        );
      },
    }),
  };
}

/** What somebody is without the tenant: no role of it, and none of its rights. */
function toOutsider({ kind, userId, sessionId, impersonatorId, roles: before }: Principal): Identity {
  const roles = before.filter((role) => role === 'SUPER_ADMIN');
  const principal: Principal = Object.freeze({
    kind,
    userId,
    sessionId,
    ...(impersonatorId !== undefined && { impersonatorId }),
    roles,
    scopes: [...permissionsOf(roles)],
  });
  return { principal, encodedPrincipal: encodePrincipal(principal) };
}
