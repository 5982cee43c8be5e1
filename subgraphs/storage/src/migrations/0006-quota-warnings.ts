import { Migration } from '@mikro-orm/migrations';
import { tenantOwned } from '@tessera/service/tenancy';

/** Of what tenants were warned, so that they are warned once a month. */
export class Migration0006QuotaWarnings extends Migration {
  override up(): void {
    const statements = [
      `create table quota_warning (
        tenant_id uuid not null,
        month date not null,
        quota bigint not null,
        percent smallint not null,
        warned_at timestamptz not null default now(),
        primary key (tenant_id, month, quota, percent)
      )`,
      ...tenantOwned('quota_warning'),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
