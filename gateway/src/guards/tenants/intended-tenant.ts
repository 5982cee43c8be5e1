import { AppError } from '@tessera/service/errors';
import type { RequestContext } from '../../context.js';

/**
 * Why a request is not for the tenant that its caller is in at the moment. A session has one active tenant, and another tab or window
 * of the client may have switched it since: what was meant for one must not be done to another.
 *
 * @returns undefined where the client does not say what tenant it means, where it is that one, and for who is nobody
 */
export function otherTenant({ principal, intendedTenantId }: RequestContext): AppError | undefined {
  if (intendedTenantId === undefined || principal.kind === 'anonymous') return undefined;
  const { tenantId: activeTenantId = null } = principal;
  if (intendedTenantId === activeTenantId) return undefined;
  return new AppError(
    'PRECONDITION_FAILED',
    'Another tenant is active than the one that this is meant for: switch to it',
    {
      details: { reason: 'OTHER_TENANT_ACTIVE', activeTenantId },
    },
  );
}
