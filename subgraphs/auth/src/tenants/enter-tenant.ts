import type { RunSql } from '@tessera/service/database';
import { AppError, notFound } from '@tessera/service/errors';
import { accessTokenLifetime, isBuiltInRole, type UserPrincipal } from '@tessera/service/identity';
import { beyondRole } from '@tessera/service/tenancy';
import type { GrantedRole, MembershipClient } from './membership-client.js';
import { lockMembership, lockTenant } from './membership-lock.js';

/** A person's membership, as the tenant subgraph answered. */
export interface Membership {
  readonly tenantId: string;
  readonly userId: string;
  readonly role: string;
  /** What there is beside a built-in role; null for nothing. */
  readonly permissions: readonly string[] | null;
  /** How often groups had changed rights in the tenant. */
  readonly rightsVersion: number;
  /** The role was true at this time, or later. */
  readonly knownAt: Date;
}

/**
 * Asks for a person's membership, on behalf of that person, before the transaction that makes the tenant the active one.
 *
 * @throws AppError `NOT_FOUND` for a tenant that does not exist and for one that the person is no member of, `FORBIDDEN`
 *   for one that is suspended or being erased, and where the membership is deactivated
 */
export async function askMembership(
  memberships: MembershipClient,
  member: UserPrincipal,
  tenantId: string,
  knownAt: Date,
): Promise<Membership> {
  const granted = await memberships.ownRole(member, tenantId);
  if (granted === null) throw notFound('Tenant');
  if (granted.status !== 'ACTIVE') throw isDeactivated();
  if (granted.tenant.status !== 'ACTIVE') throw notInUse();
  return { tenantId, userId: member.userId, knownAt, ...storedRole(granted) };
}

/** Makes the tenant of a membership the active one of a session. @throws AppError as {@link askMembership}, and `CONFLICT` */
export async function enterTenant(query: RunSql, sessionId: string, asked: Membership): Promise<void> {
  const { tenantId, userId, knownAt } = asked;
  await lockTenant(query, tenantId, 'shared');
  await lockMembership(query, tenantId, userId);
  await assertInUse(query, tenantId, knownAt);
  await activate(query, sessionId, await latestOf(query, asked));
}

/** News that came while the tenant subgraph was answering is later than its answer. */
async function assertInUse(query: RunSql, tenantId: string, knownAt: Date): Promise<void> {
  const locked = await query(
    `select 1 from tenant_status where tenant_id = $1 and status <> 'ACTIVE' and changed_at >= $2`,
    [tenantId, knownAt.toISOString()],
  );
  if (locked.length > 0) throw notInUse();
}

function notInUse(): AppError {
  return new AppError('FORBIDDEN', 'The tenant is not in use at present');
}

function isDeactivated(): AppError {
  return new AppError('FORBIDDEN', 'The membership is deactivated: an administrator of the tenant can reactivate it', {
    details: { reason: 'MEMBER_DEACTIVATED' },
  });
}

/** What a built-in role grants is known to whoever makes a token, and may change with a release. */
function storedRole({ role, permissions, rightsVersion }: GrantedRole) {
  return { role, permissions: beyondRole(role, permissions), rightsVersion };
}

/** News that came while the tenant subgraph was answering is later than its answer, also within the same millisecond. */
async function latestOf(query: RunSql, asked: Membership): Promise<Membership> {
  const [news] = await query<{ readonly role: string; readonly isActive: boolean; readonly isLockedOut: boolean }>(
    `select role, is_active as "isActive", is_deactivated as "isLockedOut" from tenant_member
     where tenant_id = $1 and user_id = $2 and changed_at >= $3`,
    [asked.tenantId, asked.userId, asked.knownAt.toISOString()],
  );
  if (news?.isLockedOut === true) throw isDeactivated();
  if (news?.isActive === false) throw notFound('Tenant');
  const [rights] = await query<{ readonly version: number; readonly permissions: string[] | null; isGrouped: boolean }>(
    'select version, permissions, is_grouped as "isGrouped" from member_rights where tenant_id = $1 and user_id = $2',
    [asked.tenantId, asked.userId],
  );
  if (news === undefined || news.role === asked.role) {
    const isOvertaken = rights !== undefined && rights.version > asked.rightsVersion;
    return isOvertaken ? { ...asked, permissions: rights.permissions } : asked;
  }
  if (isBuiltInRole(news.role) && rights?.isGrouped !== true) return { ...asked, role: news.role, permissions: null };
  // What a role of the tenant's own making grants is not in the news.
  throw new AppError('CONFLICT', 'The role has just changed: try again');
}

/** Access tokens with the role before stay valid until they expire, so it is remembered that the session had it. */
async function activate(query: RunSql, sessionId: string, membership: Membership): Promise<void> {
  const { userId, tenantId, role, permissions, knownAt } = membership;
  await query(
    `with before as (
       select id, user_id, tenant_id, role, role_known_at from session
       where id = $1 and user_id = $2 and revoked_at is null for update
     ), left_behind as (
       insert into former_role (session_id, user_id, tenant_id, role, role_known_at)
       select id, user_id, tenant_id, role, role_known_at from before
       where tenant_id is not null and (tenant_id, role) is distinct from ($3::uuid, $4::text)
       on conflict (session_id, tenant_id, role) do update
         set role_known_at = excluded.role_known_at, left_at = excluded.left_at
     ), harmless as (
       delete from former_role where session_id = $1 and left_at < now() - make_interval(secs => $6)
     )
     update session set tenant_id = $3, role = $4, role_known_at = $5, permissions = $7::text[] from before where session.id = before.id`,
    [sessionId, userId, tenantId, role, knownAt.toISOString(), accessTokenLifetime, permissions],
  );
}
