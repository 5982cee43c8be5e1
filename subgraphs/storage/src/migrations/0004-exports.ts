import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isOwnTenant, isOwnUser, isService } from '@tessera/service/tenancy';

/** What tenants and people take out. The service writes; a tenant's is seen in the tenant, a person's by the person. */
export class Migration0004Exports extends Migration {
  override up(): void {
    const statements = [
      `create table data_export (
        id uuid primary key,
        kind text not null check (kind in ('tenant', 'person')),
        subject_id uuid not null,
        requested_by uuid not null,
        created_at timestamptz not null,
        position jsonb not null,
        completed_at timestamptz,
        expires_at timestamptz,
        size_bytes bigint,
        check ((completed_at is null) = (size_bytes is null))
      )`,
      'create unique index data_export_open on data_export (kind, subject_id) where completed_at is null',
      'create index data_export_expiry on data_export (expires_at) where expires_at is not null',
      ...enableRowSecurity('data_export'),
      createPolicy({ table: 'data_export', using: isService }),
      createPolicy({
        table: 'data_export',
        name: 'own',
        command: 'select',
        using: `(kind = 'tenant' and ${isOwnTenant('subject_id')}) or (kind = 'person' and ${isOwnUser('subject_id')})`,
      }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
