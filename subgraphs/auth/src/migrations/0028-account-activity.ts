import { Migration } from '@mikro-orm/migrations';

/** People see what happened to their accounts; what they did is found by `audit_entry_of_actor` already. */
export class Migration0028AccountActivity extends Migration {
  override up(): void {
    this.addSql('create index audit_entry_of_subject on audit_entry (subject_id, id) where subject_id is not null');
  }
}
