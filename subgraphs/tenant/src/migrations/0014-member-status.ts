import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isOwnUser } from '@tessera/service/tenancy';

/** Members who are locked out keep their row, and nothing that it lets others do: an erasure is none of their business. */
export class Migration0014MemberStatus extends Migration {
  override up(): void {
    const statements = [
      'alter table membership add column deactivated_at timestamptz',
      'drop policy concerned on erasure',
      createPolicy({
        table: 'erasure',
        name: 'concerned',
        command: 'select',
        using: `${isOwnUser('requested_by')} or (kind = 'person' and ${isOwnUser('subject_id')}) or (kind = 'tenant' and exists
          (select 1 from membership where membership.tenant_id = subject_id and membership.role = 'TENANT_ADMIN'
             and membership.deactivated_at is null and ${isOwnUser('membership.user_id')}))`,
      }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
