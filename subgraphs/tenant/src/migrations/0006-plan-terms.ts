import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService } from '@tessera/service/tenancy';

/** A plan may end. A job of the service finds those that are over, in all tenants. */
export class Migration0006PlanTerms extends Migration {
  override up(): void {
    this.addSql(`alter table tenant
      add column plan_ends_at timestamptz,
      add column plan_after text,
      add check ((plan_ends_at is null) = (plan_after is null))`);
    this.addSql('create index tenant_plan_end on tenant (plan_ends_at) where plan_ends_at is not null');
    this.addSql(
      createPolicy({
        table: 'tenant',
        name: 'plan_end',
        command: 'select',
        using: `${isService} and plan_ends_at is not null`,
      }),
    );
  }
}
