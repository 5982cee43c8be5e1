import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isOwnTenant, isOwnUser, tenantOwned } from '@tessera/service/tenancy';

/** Groups of members, which may carry a role. A member who goes is in none of them any more. */
export class Migration0018Groups extends Migration {
  override up(): void {
    const statements = [
      // Counts what changes members' rights otherwise than by their own role, so that news of it has an order.
      'alter table tenant add column rights_version integer not null default 0',
      `create table member_group (
        id uuid primary key,
        tenant_id uuid not null references tenant (id) on delete cascade,
        name text not null check (length(name) between 1 and 100),
        description text not null,
        role text,
        created_at timestamptz not null
      )`,
      'create unique index member_group_name on member_group (tenant_id, lower(name))',
      'create index member_group_page on member_group (tenant_id, id)',
      `create table group_member (
        id uuid primary key,
        tenant_id uuid not null,
        group_id uuid not null references member_group (id) on delete cascade,
        user_id uuid not null,
        added_at timestamptz not null,
        unique (group_id, user_id),
        foreign key (tenant_id, user_id) references membership (tenant_id, user_id) on delete cascade
      )`,
      'create index group_member_page on group_member (group_id, id)',
      'create index group_member_user on group_member (tenant_id, user_id)',
      ...enableRowSecurity('group_member'),
      createPolicy({ table: 'group_member', using: `${isOwnTenant()} or ${isOwnUser()}`, check: isOwnTenant() }),
      ...tenantOwned('member_group'),
      // Who switches to a tenant is not in it yet, and wants to know what their groups grant there.
      createPolicy({
        table: 'member_group',
        name: 'member',
        command: 'select',
        using: `exists (select 1 from group_member
          where group_member.group_id = member_group.id and ${isOwnUser('group_member.user_id')})`,
      }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
