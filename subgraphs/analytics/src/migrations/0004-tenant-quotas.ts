import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService, tenantOwned } from '@tessera/service/tenancy';

/** What tenants' plans allow of what is counted here, and of what they were warned. */
export class Migration0004TenantQuotas extends Migration {
  override up(): void {
    const statements = [
      `create table tenant_limits (
        tenant_id uuid primary key,
        version integer not null,
        plan text not null,
        api_calls bigint check (api_calls >= 0),
        active_users bigint check (active_users >= 0),
        events bigint check (events >= 0),
        calls_exhausted_in date
      )`,
      `create index tenant_limits_exhausted on tenant_limits (calls_exhausted_in) where calls_exhausted_in is not null`,
      `create table quota_warning (
        tenant_id uuid not null,
        meter text not null,
        period text not null,
        quota bigint not null,
        percent smallint not null,
        warned_at timestamptz not null default now(),
        primary key (tenant_id, meter, period, quota, percent)
      )`,
      ...['tenant_limits', 'quota_warning'].flatMap(tenantOwned),
      // Gateways that start ask who has no calls left, whichever tenant it is.
      ...['tenant_limits', 'usage_day'].map((table) =>
        createPolicy({ table, name: 'quotas_by_service', command: 'select', using: isService }),
      ),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
