import { Migration } from '@mikro-orm/migrations';
import { createPolicy, enableRowSecurity, isService } from '@tessera/service/tenancy';

/** Changes of address that wait for their two confirmations: one a person. */
export class Migration0013EmailChanges extends Migration {
  override up(): void {
    const statements = [
      `create table email_change (
        user_id uuid primary key references account (id) on delete cascade,
        id uuid not null unique,
        new_email text not null,
        expires_at timestamptz not null,
        old_confirmed_at timestamptz,
        new_confirmed_at timestamptz
      )`,
      'create index email_change_expiry on email_change (expires_at)',
      ...enableRowSecurity('email_change'),
      createPolicy({ table: 'email_change', using: isService }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
