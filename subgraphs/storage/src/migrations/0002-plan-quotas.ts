import { Migration } from '@mikro-orm/migrations';

/** What a tenant's plan allows; a quota of its own goes before, the common one comes after. */
export class Migration0002PlanQuotas extends Migration {
  override up(): void {
    this.addSql(`alter table storage_usage
      add column plan_quota_bytes bigint check (plan_quota_bytes >= 0),
      add column limits_version integer not null default 0`);
  }
}
