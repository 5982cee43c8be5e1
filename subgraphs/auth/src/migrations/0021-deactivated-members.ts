import { Migration } from '@mikro-orm/migrations';
import { createPolicy, deactivatedMembersSql, isOwnTenant } from '@tessera/service/tenancy';

/** Who is locked out of a tenant is still one of its members, to those who administer it. */
export class Migration0021DeactivatedMembers extends Migration {
  override up(): void {
    const statements = [
      ...deactivatedMembersSql,
      'drop policy fellow_member on account',
      createPolicy({
        table: 'account',
        name: 'fellow_member',
        command: 'select',
        using: `exists (select 1 from tenant_member
          where tenant_member.user_id = account.id and ${isOwnTenant('tenant_member.tenant_id')}
            and (is_active or is_deactivated))`,
      }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
