import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

/** What members may do whose groups add to their own role, or did: the latest that was heard. */
export class Migration0027MemberRights extends Migration {
  override up(): void {
    const statements = [
      `create table member_rights (
        tenant_id uuid not null,
        user_id uuid not null,
        version integer not null,
        permissions text[],
        is_grouped boolean not null,
        primary key (tenant_id, user_id)
      )`,
      ...enableRowSecurity('member_rights'),
      createPolicy({ table: 'member_rights', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
