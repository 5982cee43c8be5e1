import { AppError } from '../errors/index.js';
import type { Principal, TenantPrincipal, UserPrincipal } from './principal.js';
import type { Permission } from './roles.js';
import { unauthenticated } from './unauthenticated.js';

/** @throws AppError `UNAUTHENTICATED` unless a person is signed in */
export function requireUser(principal: Principal): UserPrincipal {
  if (principal.kind !== 'user' || principal.userId === undefined) {
    throw unauthenticated('SIGN_IN_REQUIRED', 'Sign-in is required');
  }
  return principal as UserPrincipal;
}

/**
 * For what changes how somebody gets in, or where somebody belongs: passwords, keys, factors, memberships.
 *
 * @throws AppError as {@link requireUser}, and `FORBIDDEN` for who impersonates the person
 */
export function requireOneself(principal: Principal): UserPrincipal {
  const user = requireUser(principal);
  refuseImpersonation(user);
  return user;
}

/** @throws AppError `FORBIDDEN` for who impersonates a person; programs pass, unlike with {@link requireOneself} */
export function refuseImpersonation({ impersonatorId }: Principal): void {
  if (impersonatorId === undefined) return;
  throw new AppError('FORBIDDEN', 'Whoever impersonates a person cannot do this as that person');
}

/** Whether the caller is this person themselves: a key is not its maker. */
export function isSelf({ kind, userId }: Principal, id: string): boolean {
  return kind === 'user' && userId === id;
}

/**
 * @throws AppError `UNAUTHENTICATED` unless a person is signed in or a program has a key, `PRECONDITION_FAILED` unless a
 *   tenant is active
 */
export function requireTenant(principal: Principal): TenantPrincipal {
  const member = principal.kind === 'key' ? principal : requireUser(principal);
  if (member.tenantId === undefined) {
    throw new AppError('PRECONDITION_FAILED', 'No tenant is active: switch to one first');
  }
  return member as TenantPrincipal;
}

/** Whether the caller runs the platform. */
export function isPlatformAdmin({ kind, roles, impersonatorId }: Principal): boolean {
  return kind === 'user' && impersonatorId === undefined && roles.includes('SUPER_ADMIN');
}

/** Whether the caller's roles, or the scopes of a key, grant a permission: the one place that decides it. */
export function hasPermission({ scopes }: Principal, permission: Permission): boolean {
  return scopes.includes(permission);
}

/** @throws AppError as {@link requireTenant}, and `FORBIDDEN` where the caller does not have the permission */
export function requirePermission(principal: Principal, permission: Permission): TenantPrincipal {
  const member = requireTenant(principal);
  if (!hasPermission(member, permission)) {
    throw new AppError('FORBIDDEN', `Permission ${permission} is required`);
  }
  return member;
}

/**
 * For what decides who belongs to a tenant, and as what: it would outlive an impersonation.
 *
 * @throws AppError as {@link requirePermission} for `members:manage`, and `FORBIDDEN` for who impersonates a person
 */
export function requireMemberManager(principal: Principal): TenantPrincipal {
  refuseImpersonation(principal);
  return requirePermission(principal, 'members:manage');
}

/** @throws AppError `UNAUTHENTICATED` unless signed in, `FORBIDDEN` for who does not run the platform */
export function requireSuperAdmin(principal: Principal): UserPrincipal {
  const user = requireUser(principal);
  if (!isPlatformAdmin(user)) throw new AppError('FORBIDDEN', 'Role SUPER_ADMIN is required');
  return user;
}
