import { Migration } from '@mikro-orm/migrations';
import { databaseNames } from '@tessera/service/database';

/**
 * Old entries of the audit log can be forgotten by one function alone, which acts as the tables' owner. Whatever it is asked
 * for, the policy below lets it delete nothing that is younger than 90 days, and it leaves a line that tells of what it did:
 * to the service the log stays one that can be added to and read.
 */
export class Migration0018AuditRetention extends Migration {
  override up(): void {
    const { ownerRole, serviceRole } = databaseNames('auth');
    const statements = [
      'create index audit_entry_age on audit_entry (occurred_at)',
      `create policy forget_old on audit_entry for delete to ${ownerRole}
         using (occurred_at < now() - interval '90 days')`,
      `create function forget_audit_entries(line uuid, kept_days integer, most integer) returns integer
         language plpgsql security definer set search_path = public, pg_temp as $$
       declare removed integer;
       begin
         delete from audit_entry where id in (
           select id from audit_entry where occurred_at < now() - make_interval(days => kept_days)
           order by occurred_at limit most
         );
         get diagnostics removed = row_count;
         if removed > 0 then
           insert into audit_entry (id, occurred_at, action, outcome, actor_kind, details)
           values (line, now(), 'auditLog.shortened', 'success', 'service',
             jsonb_build_object('entries', removed, 'keptDays', kept_days));
         end if;
         return removed;
       end $$`,
      'revoke all on function forget_audit_entries(uuid, integer, integer) from public',
      `grant execute on function forget_audit_entries(uuid, integer, integer) to ${serviceRole}`,
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
