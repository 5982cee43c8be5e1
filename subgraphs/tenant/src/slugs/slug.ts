import type { RunSql } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { z } from 'zod';

export const slugSchema = z
  .string()
  .min(2)
  .max(63)
  .regex(/^[a-z0-9](-?[a-z0-9])*$/, 'must be lower-case letters, digits and single hyphens');

/** So many old slugs a tenant may hold: nobody collects names. */
const maxHeldSlugs = 5;

/**
 * Gives a slug to a tenant, in a transaction of the service inside that tenant. Of many who want it at once one gets it.
 *
 * @throws AppError `CONFLICT` where another tenant has it, or had it within the term
 */
export async function claimSlug(query: RunSql, tenantId: string, slug: string, termDays: number): Promise<void> {
  const claimed = await query(
    `insert into tenant_slug (slug, tenant_id) values ($1, $2)
     on conflict (slug) do update set tenant_id = excluded.tenant_id, released_at = null
       where tenant_slug.tenant_id = excluded.tenant_id
         or tenant_slug.released_at < now() - make_interval(days => $3)
     returning 1`,
    [slug, tenantId, termDays],
  );
  if (claimed.length === 0) throw slugTaken(slug);
}

/**
 * Lets go of a slug that the tenant no longer goes by; it still leads to the tenant for the term.
 *
 * @throws AppError `QUOTA_EXCEEDED` where the tenant holds too many of before
 */
export async function releaseSlug(query: RunSql, tenantId: string, slug: string, termDays: number): Promise<void> {
  await query('update tenant_slug set released_at = now() where tenant_id = $1 and slug = $2', [tenantId, slug]);
  const held = await query(
    'select 1 from tenant_slug where tenant_id = $1 and released_at >= now() - make_interval(days => $2)',
    [tenantId, termDays],
  );
  if (held.length <= maxHeldSlugs) return;
  throw new AppError('QUOTA_EXCEEDED', `A tenant keeps ${maxHeldSlugs} slugs of before: change it later, or back`);
}

export function slugTaken(slug: string, cause?: unknown): AppError {
  return new AppError('CONFLICT', `Slug ${slug} is taken`, { cause });
}
