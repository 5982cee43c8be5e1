import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isOwnUser, tenantOwned } from '@tessera/service/tenancy';

/** Roles that tenants define themselves. Memberships and invitations name a role; built-in ones have no row. */
export class Migration0002Roles extends Migration {
  override up(): void {
    const statements = [
      `create table role (
        id uuid primary key,
        tenant_id uuid not null references tenant (id) on delete cascade,
        name text not null check (length(name) between 1 and 64),
        description text not null,
        permissions text[] not null,
        created_at timestamptz not null,
        unique (tenant_id, name)
      )`,
      ...tenantOwned('role'),
      // Who switches to a tenant is not in it yet, and wants to know what the role there grants.
      createPolicy({
        table: 'role',
        name: 'member',
        command: 'select',
        using: `exists (select 1 from membership
          where membership.tenant_id = role.tenant_id and ${isOwnUser('membership.user_id')})`,
      }),
      'create index membership_role on membership (tenant_id, role)',
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
