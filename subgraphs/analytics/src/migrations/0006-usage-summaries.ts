import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService } from '@tessera/service/tenancy';

/** What all tenants used in a day is summed up for who bills; beside `usage_day`, which the service sees already. */
export class Migration0006UsageSummaries extends Migration {
  override up(): void {
    this.addSql('create index usage_day_day on usage_day (day)');
    this.addSql(createPolicy({ table: 'active_user', name: 'summed_by_service', command: 'select', using: isService }));
  }
}
