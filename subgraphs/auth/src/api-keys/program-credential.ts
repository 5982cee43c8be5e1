import { sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import {
  isPermission,
  requireOneself,
  requirePermission,
  type Principal,
  type TenantPrincipal,
} from '@tessera/service/identity';
import { plainTextSchema } from '@tessera/service/plain-text';
import type { PubSub } from '@tessera/service/pubsub';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';

/** What programs sign in with, API keys and machine clients, have a name and a set of rights. */
export const credentialFields = {
  name: plainTextSchema(100),
  scopes: z
    .array(z.string().refine(isPermission, 'is not a permission'))
    .min(1, 'must name at least one')
    .transform((names) => [...new Set(names)].sort()),
};

const maxOverlapSeconds = 7 * 24 * 60 * 60;

/** Which credential is to be replaced, and how long the old one is good beside the new one. */
export const rotateSchema = z.object({ id: z.uuid(), overlapSeconds: z.number().int().min(0).max(maxOverlapSeconds) });

export interface CredentialServiceOptions {
  readonly serviceScope: () => DataScope;
  readonly pubSub: PubSub;
  readonly now?: () => Date;
}

/** A person with the right to manage keys, and really that person: a program makes no programs. */
export function requireManager(principal: Principal): TenantPrincipal {
  requireOneself(principal);
  return requirePermission(principal, 'apiKeys:manage');
}

/** @throws AppError `FORBIDDEN`: nobody gives away what they have not got themselves */
export function assertOwnScopes(principal: Principal, scopes: readonly string[]): void {
  const missing = scopes.filter((scope) => !principal.scopes.includes(scope));
  if (missing.length > 0) throw new AppError('FORBIDDEN', `You have not got yourself: ${missing.join(', ')}`);
}

/** Of which credentials a tenant has so many at most. */
export interface CredentialLimit {
  readonly entity: new () => { tenantId: string; revokedAt: Date | null };
  /** Which of those that nobody has revoked are good; all where absent. */
  readonly live?: (now: Date) => Readonly<Record<string, unknown>>;
  /** As people call several of them. */
  readonly names: string;
  /** Keeps its lock apart from the others'. */
  readonly lock: number;
  readonly max: number;
}

/**
 * Lets one tenant at a time add a credential, as long as there is room.
 *
 * @throws AppError `QUOTA_EXCEEDED`
 */
export async function assertRoom(
  entityManager: EntityManager,
  tenantId: string,
  { entity, live, names, lock, max }: CredentialLimit,
  now: Date,
): Promise<void> {
  await sqlOf(entityManager)('select pg_advisory_xact_lock(hashtextextended($1, $2))', [tenantId, lock]);
  if ((await entityManager.count(entity, { tenantId, revokedAt: null, ...live?.(now) })) < max) return;
  throw new AppError('QUOTA_EXCEEDED', `A tenant has at most ${max} ${names}`);
}
