import { Migration } from '@mikro-orm/migrations';

/**
 * A session knows what a role of the tenant's own making grants, and counts how often its rights have changed: access
 * tokens with a lower count are refused.
 */
export class Migration0004Rights extends Migration {
  override up(): void {
    this.addSql(`alter table session
      add column permissions text[],
      add column rights_version integer not null default 0,
      add column rights_changed_at timestamptz`);
    this.addSql(
      'create index session_rights_change on session (rights_changed_at) where rights_changed_at is not null',
    );
    this.addSql('create index session_of_role on session (tenant_id, role)');
  }
}
