import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService, tenantOwned } from '@tessera/service/tenancy';

/** E-mail domains that tenants say are theirs. Many may say so; one at a time has proven it. */
export class Migration0008EmailDomains extends Migration {
  override up(): void {
    const statements = [
      `create table email_domain (
        id uuid primary key,
        tenant_id uuid not null references tenant (id) on delete cascade,
        domain text not null,
        token text not null,
        verified_at timestamptz,
        checked_at timestamptz,
        failed_checks integer not null default 0,
        auto_join_role text,
        created_at timestamptz not null,
        unique (tenant_id, domain)
      )`,
      'create unique index email_domain_proven on email_domain (domain) where verified_at is not null',
      'create index email_domain_due on email_domain (checked_at) where verified_at is not null',
      ...tenantOwned('email_domain'),
      // Who joins by a domain is not in the tenant yet, and proofs are checked again for all tenants.
      createPolicy({ table: 'email_domain', name: 'proven', command: 'select', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
