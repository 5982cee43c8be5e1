import { Migration } from '@mikro-orm/migrations';
import { tenantOwned } from '@tessera/service/tenancy';

/** What tenants ask of those who act in them. */
export class Migration0017SecurityPolicies extends Migration {
  override up(): void {
    const statements = [
      `create table security_policy (
        tenant_id uuid primary key references tenant (id) on delete cascade,
        version integer not null,
        is_mfa_required boolean not null,
        max_session_minutes integer check (max_session_minutes > 0),
        max_idle_minutes integer check (max_idle_minutes > 0),
        sign_in_ways text[] not null,
        networks text[] not null,
        changed_at timestamptz not null,
        changed_by uuid not null
      )`,
      ...tenantOwned('security_policy'),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
