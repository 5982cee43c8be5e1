import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isOwnUser, isService } from '@tessera/service/tenancy';

const tables = [
  `create table legal_hold (
    id uuid primary key,
    kind text not null check (kind in ('tenant', 'person')),
    subject_id uuid not null,
    reason text not null,
    set_by uuid not null,
    set_at timestamptz not null,
    cleared_by uuid,
    cleared_at timestamptz
  )`,
  'create unique index legal_hold_open on legal_hold (kind, subject_id) where cleared_at is null',
  `create table erasure (
    id uuid primary key,
    kind text not null check (kind in ('tenant', 'person')),
    subject_id uuid not null,
    requested_by uuid not null,
    requested_at timestamptz not null,
    due_at timestamptz not null,
    cancelled_at timestamptz,
    started_at timestamptz,
    subgraphs text[],
    completed_at timestamptz,
    check ((started_at is null) = (subgraphs is null)),
    check (cancelled_at is null or started_at is null)
  )`,
  'create unique index erasure_open on erasure (kind, subject_id) where cancelled_at is null and completed_at is null',
  'create index erasure_due on erasure (due_at) where cancelled_at is null and started_at is null',
  `create table erasure_report (
    erasure_id uuid not null references erasure (id),
    subgraph text not null,
    counts jsonb not null,
    reported_at timestamptz not null,
    primary key (erasure_id, subgraph)
  )`,
];

/** The service writes. Who asked for an erasure sees it, also when they are in no tenant any more; so do the tenant's administrators. */
const policies = [
  ...['legal_hold', 'erasure', 'erasure_report'].flatMap((table) => [
    ...enableRowSecurity(table),
    createPolicy({ table, using: isService }),
  ]),
  createPolicy({
    table: 'erasure',
    name: 'concerned',
    command: 'select',
    using: `${isOwnUser('requested_by')} or (kind = 'person' and ${isOwnUser('subject_id')}) or (kind = 'tenant' and exists
      (select 1 from membership where membership.tenant_id = subject_id and membership.role = 'TENANT_ADMIN'
         and ${isOwnUser('membership.user_id')}))`,
  }),
  createPolicy({
    table: 'erasure_report',
    name: 'concerned',
    command: 'select',
    using: 'exists (select 1 from erasure where erasure.id = erasure_id)',
  }),
];

export class Migration0012Erasures extends Migration {
  override up(): void {
    for (const statement of [...tables, ...policies]) this.addSql(statement);
  }
}
