import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isOwnUser, isService } from '@tessera/service/tenancy';

const table = 'notification';

/** A person reads and marks their own; only the service, acting on events, writes new ones and forgets old ones. */
export class Migration0003Notifications extends Migration {
  override up(): void {
    const statements = [
      `create table ${table} (
        id uuid primary key,
        user_id uuid not null,
        tenant_id uuid,
        subject_id uuid,
        event_id uuid not null,
        kind text not null,
        data jsonb not null,
        created_at timestamptz not null,
        read_at timestamptz,
        unique (user_id, event_id)
      )`,
      `create index notification_page on ${table} (user_id, id)`,
      `create index notification_unread on ${table} (user_id, id) where read_at is null`,
      `create index tenant_member_administrator on tenant_member (tenant_id) where role = 'TENANT_ADMIN' and is_active`,
      ...enableRowSecurity(table),
      createPolicy({ table, name: 'service', using: isService }),
      createPolicy({ table, name: 'read_own', command: 'select', using: isOwnUser() }),
      createPolicy({ table, name: 'mark_own', command: 'update', using: isOwnUser() }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
