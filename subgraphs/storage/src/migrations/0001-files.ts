import { Migration } from '@mikro-orm/migrations';
import { eventTablesSql } from '@tessera/service/events';
import { createPolicy, isService, tenantOwned } from '@tessera/service/tenancy';

const tables = [
  `create table file (
    id uuid primary key,
    tenant_id uuid not null,
    owner_id uuid not null,
    name text not null check (length(name) between 1 and 255),
    bucket text not null,
    content_type text not null,
    size_bytes bigint not null check (size_bytes > 0),
    sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
    status text not null check (status in ('PENDING', 'READY', 'EXPIRED', 'DELETED')),
    created_at timestamptz not null,
    upload_expires_at timestamptz not null,
    removal_due_at timestamptz,
    check (status <> 'READY' or sha256 is not null),
    check ((status in ('EXPIRED', 'DELETED')) = (removal_due_at is not null))
  )`,
  `create index file_page on file (tenant_id, id) where status = 'READY'`,
  `create index file_name on file (tenant_id, name text_pattern_ops) where status = 'READY'`,
  `create index file_pending on file (upload_expires_at) where status = 'PENDING'`,
  `create index file_removal on file (removal_due_at) where removal_due_at is not null`,
  // The checks are the last wall: a mistake in counting fails loudly instead of giving space away.
  `create table storage_usage (
    tenant_id uuid primary key,
    bytes bigint not null check (bytes >= 0),
    files bigint not null check (files >= 0),
    quota_bytes bigint check (quota_bytes >= 0)
  )`,
];

const policies = [
  ...tenantOwned('file'),
  // Cleaning up looks for work over all tenants, and then does it inside each of them.
  createPolicy({ table: 'file', name: 'cleanup', command: 'select', using: isService }),
  ...tenantOwned('storage_usage'),
];

export class Migration0001Files extends Migration {
  override up(): void {
    for (const statement of [...tables, ...policies, ...eventTablesSql]) this.addSql(statement);
  }
}
