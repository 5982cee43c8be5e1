import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService } from '@tessera/service/tenancy';

/** Names of members beside their tenants, so that one index finds who in a tenant is called something like a text. */
export class Migration0006MemberNames extends Migration {
  override up(): void {
    const statements = [
      // Both are trusted extensions: who owns the database may create them.
      'create extension if not exists pg_trgm',
      'create extension if not exists btree_gin',
      'alter table tenant_member add column name text',
      createPolicy({ table: 'tenant_member', name: 'rename', command: 'update', using: isService }),
      // Row-level security is forced on the owner too.
      `select set_config('app.service', 'on', true)`,
      `update tenant_member set name = display_name from user_profile where user_profile.user_id = tenant_member.user_id`,
      `select set_config('app.service', 'off', true)`,
      `create index tenant_member_name on tenant_member using gin (tenant_id, name gin_trgm_ops) where is_active`,
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
