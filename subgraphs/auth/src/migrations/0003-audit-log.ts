import { Migration } from '@mikro-orm/migrations';
import { databaseNames } from '@tessera/service/database';
import { createPolicy, enableRowSecurity, isOwnTenant, isOwnUser, isService } from '@tessera/service/tenancy';

/**
 * The audit log can be added to and read, and nothing else, by the service's role: it has no right to change or delete a
 * row, and no policy would let it.
 */
export class Migration0003AuditLog extends Migration {
  override up(): void {
    const { serviceRole } = databaseNames('auth');
    const table = 'audit_entry';
    const statements = [
      `create table ${table} (
        id uuid primary key,
        tenant_id uuid,
        occurred_at timestamptz not null,
        action text not null,
        outcome text not null,
        actor_kind text not null,
        actor_id uuid,
        session_id uuid,
        impersonator_id uuid,
        subject_id uuid,
        target_type text,
        target_id text,
        client_address text,
        user_agent text,
        request_id text,
        details jsonb not null
      )`,
      `create index audit_entry_of_tenant on ${table} (tenant_id, id)`,
      `create index audit_entry_of_actor on ${table} (actor_id, id)`,
      ...enableRowSecurity(table),
      createPolicy({ table, name: 'read', command: 'select', using: `${isOwnTenant()} or ${isService}` }),
      createPolicy({ table, name: 'add', command: 'insert', using: `${isService} or ${isOwnUser('actor_id')}` }),
      `revoke update, delete, truncate on ${table} from ${serviceRole}`,
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
