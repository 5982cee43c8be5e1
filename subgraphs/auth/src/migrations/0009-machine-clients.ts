import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService, tenantOwned } from '@tessera/service/tenancy';

/** Programs that fetch tokens for themselves. Secrets are random, and kept as plain hashes. */
export class Migration0009MachineClients extends Migration {
  override up(): void {
    const statements = [
      `create table machine_client (
        id uuid primary key,
        tenant_id uuid not null,
        name text not null check (length(name) between 1 and 100),
        secret_hash bytea not null,
        former_secret_hash bytea,
        former_secret_until timestamptz,
        scopes text[] not null,
        created_by uuid not null,
        created_at timestamptz not null,
        last_used_at timestamptz,
        revoked_at timestamptz,
        rights_version integer not null default 0,
        rights_changed_at timestamptz
      )`,
      'create index machine_client_page on machine_client (tenant_id, id)',
      'create index machine_client_revocation on machine_client (revoked_at) where revoked_at is not null',
      ...tenantOwned('machine_client'),
      createPolicy({ table: 'machine_client', name: 'service', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
