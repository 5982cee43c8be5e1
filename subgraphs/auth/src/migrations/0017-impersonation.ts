import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isOwnUser } from '@tessera/service/tenancy';

/** Why somebody impersonates a session's person, and the session of whoever does, with which it ends. */
export class Migration0017Impersonation extends Migration {
  override up(): void {
    const own = { table: 'session', using: isOwnUser('impersonator_id') };
    const statements = [
      `alter table session
        add column impersonator_session_id uuid,
        add column impersonation_reason text,
        add check ((impersonator_id is null) = (impersonator_session_id is null)
          and (impersonator_id is null) = (impersonation_reason is null)
          and (impersonator_id is null or ends_at is not null))`,
      'create index session_of_impersonator on session (impersonator_id) where impersonator_id is not null',
      // Who has begun it may end it.
      createPolicy({ ...own, name: 'impersonator_sees', command: 'select' }),
      createPolicy({ ...own, name: 'impersonator_ends', command: 'update' }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
