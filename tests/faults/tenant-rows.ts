import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serviceNames, subgraphs } from '@tessera/local/subgraphs';
import type { LocalMode } from '../support/local-mode.js';
import { runLocalSql } from '../support/local-secrets.js';

/** What gateways report goes on while a test looks, and tells nothing. */
const movingTables: ReadonlySet<string> = new Set(['event_second', 'usage_day', 'usage_sample', 'active_user']);

/** Puts events into the database as if they had been tracked. */
export async function fillEvents(local: LocalMode, tenantId: string, count: number): Promise<void> {
  await runLocalSql(
    local,
    'tessera_analytics',
    `insert into event (tenant_id, id, message_id, name, properties, user_id, occurred_at, received_at)
     select '${tenantId}', gen_random_uuid(), 'm' || n, 'filled', jsonb_build_object('n', n, 'word', md5(n::text)),
       gen_random_uuid(), now(), now() from generate_series(1, ${count}) n`,
  );
}

/** Puts invitations and API keys, so many of each, into the databases. */
export async function fillInvitationsAndKeys(local: LocalMode, tenantId: string, count: number): Promise<void> {
  await runLocalSql(
    local,
    'tessera_tenant',
    `insert into invitation (id, tenant_id, email, role, invited_by, expires_at, revoked_at, created_at)
     select gen_random_uuid(), '${tenantId}', 'guest' || n || '@example.com', 'USER', gen_random_uuid(), now(), now(), now()
     from generate_series(1, ${count}) n`,
  );
  await runLocalSql(
    local,
    'tessera_auth',
    `insert into api_key (id, tenant_id, name, token_hash, prefix, scopes, created_by, created_at)
     select gen_random_uuid(), '${tenantId}', 'key ' || n, sha256(gen_random_uuid()::text::bytea), 'tsk_', '{}',
       gen_random_uuid(), now() from generate_series(1, ${count}) n`,
  );
}

/** Puts files into the database and the store as if they had been uploaded. */
export async function fillFiles(
  local: LocalMode,
  { tenantId, ownerId, count, bytes }: { tenantId: string; ownerId: string; count: number; bytes: number },
): Promise<void> {
  const folder = join(local.dataDirectory, 'objects', tenantId);
  await mkdir(folder, { recursive: true });
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids) await writeFile(join(folder, id), randomBytes(bytes));
  const rows = ids.map(
    (id, index) =>
      `('${id}', '${tenantId}', '${ownerId}', 'file ${index}.bin', 'files', 'application/octet-stream', ${bytes},
        repeat('0', 64), 'READY', now(), now())`,
  );
  await runLocalSql(
    local,
    'tessera_storage',
    `insert into file (id, tenant_id, owner_id, name, bucket, content_type, size_bytes, sha256, status, created_at,
       upload_expires_at) values ${rows.join(', ')}`,
  );
}

/** How many rows each table holds of a tenant, in all databases, by `subgraph.table`; without those that are kept. */
export async function countRows(local: LocalMode, tenantId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of serviceNames) {
    for (const [table, { tenant }] of Object.entries(subgraphs[name].personalData)) {
      if (tenant === undefined || (typeof tenant.onErasure === 'object' && 'keep' in tenant.onErasure)) continue;
      if (movingTables.has(table)) continue;
      const statement = `select count(*)::int as n from ${table} where ${tenant.key} = '${tenantId}'`;
      const [row] = await runLocalSql(local, `tessera_${name}`, statement);
      counts[`${name}.${table}`] = Number(row?.['n']);
    }
  }
  return counts;
}

/** How many objects a tenant has in the store, complete or not. */
export async function countObjects(local: LocalMode, tenantId: string): Promise<number> {
  const objects = join(local.dataDirectory, 'objects');
  const complete = await readdir(join(objects, tenantId)).catch(() => []);
  const incoming = await readdir(join(objects, '.incoming'));
  return complete.length + incoming.filter((name) => name.includes(tenantId)).length;
}
