import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService, tenantOwned } from '@tessera/service/tenancy';

/** On which days, and when last, each person was active in a tenant. */
export class Migration0009MemberDays extends Migration {
  override up(): void {
    const statements = [
      `create table member_day (
        tenant_id uuid not null,
        user_id uuid not null,
        day date not null,
        last_active_at timestamptz not null,
        primary key (tenant_id, user_id, day)
      )`,
      'create index member_day_age on member_day (day)',
      'create index member_day_person on member_day (user_id)',
      ...tenantOwned('member_day'),
      // Old days go over all tenants; so do, and are taken out, those of one person.
      createPolicy({ table: 'member_day', name: 'read_by_service', command: 'select', using: isService }),
      createPolicy({ table: 'member_day', name: 'prune_by_service', command: 'delete', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
