import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService, tenantOwned } from '@tessera/service/tenancy';

/** Keys of tenants, as hashes: a key has 256 random bits, so its hash needs neither salt nor stretching. */
export class Migration0006ApiKeys extends Migration {
  override up(): void {
    const statements = [
      `create table api_key (
        id uuid primary key,
        tenant_id uuid not null,
        name text not null check (length(name) between 1 and 100),
        token_hash bytea not null unique,
        prefix text not null,
        scopes text[] not null,
        created_by uuid not null,
        created_at timestamptz not null,
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz,
        rights_version integer not null default 0,
        rights_changed_at timestamptz
      )`,
      'create index api_key_page on api_key (tenant_id, id)',
      'create index api_key_revocation on api_key (revoked_at) where revoked_at is not null',
      ...tenantOwned('api_key'),
      createPolicy({ table: 'api_key', name: 'service', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
