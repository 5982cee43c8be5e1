import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService } from '@tessera/service/tenancy';

/** What others were told of a tenant's limits: where that is not what its plan says, they are told again. */
export class Migration0009AnnouncedLimits extends Migration {
  override up(): void {
    this.addSql(`alter table tenant
      add column limits_version integer not null default 0,
      add column announced_limits jsonb`);
    this.addSql('create index tenant_plan on tenant (plan)');
    this.addSql(createPolicy({ table: 'tenant', name: 'limits', command: 'select', using: isService }));
  }
}
