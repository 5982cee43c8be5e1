import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService } from '@tessera/service/tenancy';

/** The service finds and removes what is old over all tenants; beside `alert` and `active_user`, which it sees already. */
export class Migration0007Retention extends Migration {
  override up(): void {
    // Events come in the order of their times, so that this costs next to nothing where they are written.
    this.addSql('create index event_age on event using brin (received_at)');
    this.addSql('create index alert_age on alert (ended_at)');
    this.addSql('create index alert_change_alert on alert_change (alert_id)');
    this.addSql('create index active_user_age on active_user (month)');
    for (const table of ['event', 'alert_change']) {
      this.addSql(createPolicy({ table, name: 'read_by_service', command: 'select', using: isService }));
    }
    for (const table of ['event', 'alert', 'alert_change', 'active_user']) {
      this.addSql(createPolicy({ table, name: 'prune_by_service', command: 'delete', using: isService }));
    }
  }
}
