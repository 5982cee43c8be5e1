import { Migration } from '@mikro-orm/migrations';
import { deactivatedMembersSql } from '@tessera/service/tenancy';

/** Who is locked out of a tenant is found by name as well as who is in it. */
export class Migration0007DeactivatedMembers extends Migration {
  override up(): void {
    const statements = [
      ...deactivatedMembersSql,
      `create index tenant_member_deactivated_name on tenant_member using gin (tenant_id, name gin_trgm_ops)
       where is_deactivated`,
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
