import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

/** Keys that give a tenant a plan. They belong to no tenant until they are redeemed, so the service alone sees them. */
export class Migration0014ActivationKeys extends Migration {
  override up(): void {
    const statements = [
      `create table activation_batch (
        id uuid primary key,
        name text not null check (length(name) between 1 and 100),
        plan text not null,
        term_days integer check (term_days > 0),
        key_count integer not null,
        valid_until timestamptz,
        created_by uuid not null,
        created_at timestamptz not null,
        revoked_at timestamptz
      )`,
      `create table activation_key (
        id uuid primary key,
        batch_id uuid not null references activation_batch (id),
        code_hash bytea not null unique,
        redeemed_at timestamptz,
        redeemed_by uuid,
        tenant_id uuid,
        check ((redeemed_at is null) = (tenant_id is null) and (redeemed_at is null) = (redeemed_by is null))
      )`,
      'create index activation_key_of_batch on activation_key (batch_id)',
      ...['activation_batch', 'activation_key'].flatMap((table) => [
        ...enableRowSecurity(table),
        createPolicy({ table, using: isService }),
      ]),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
